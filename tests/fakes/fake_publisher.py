"""A publisher that remembers."""

from collections.abc import Collection, Mapping, Sequence

from application.ports.publisher import WHOLE, Publisher
from domain.errors import PipelineError
from domain.manifest import Manifest


class FakePublisher(Publisher):
    """Which versions were published for which target; `fail` is raised instead.

    Attributes:
        wholes: versions whose catalog was made.
    """

    def __init__(self) -> None:
        self.published: list[tuple[int, str | None]] = []
        self.wholes: list[int] = []
        self.fail: PipelineError | None = None

    async def publish_all(
        self, manifest: Manifest, targets: Collection[str] | None = None, *, whole: bool = True
    ) -> Mapping[str, Sequence[str]]:
        if self.fail is not None:
            raise self.fail
        named = [None] if targets is None else sorted(targets)
        self.published.extend((manifest.version, target) for target in named)
        names: dict[str, list[str]] = {}
        for name, table in sorted(manifest.tables.items()):
            for each in table.datasets:
                if targets is None or each in targets:
                    file = f"{each}_{name.partition('.')[2]}.parquet"
                    names.setdefault(each, []).append(file)
        if whole:
            self.wholes.append(manifest.version)
            names[WHOLE] = ["catalog.duckdb"]
        return names
