"""A publisher that remembers."""

from collections.abc import Sequence

from application.ports.publisher import Publisher
from domain.errors import PipelineError
from domain.manifest import Manifest


class FakePublisher(Publisher):
    """Which versions were published for which target; `fail` is raised instead."""

    def __init__(self) -> None:
        self.published: list[tuple[int, str | None]] = []
        self.fail: PipelineError | None = None

    async def publish(self, manifest: Manifest, target: str | None = None) -> Sequence[str]:
        if self.fail is not None:
            raise self.fail
        self.published.append((manifest.version, target))
        names = [
            f"{each}_{name.partition('.')[2]}.parquet"
            for name, table in sorted(manifest.tables.items())
            for each in table.datasets
            if target in (None, each)
        ]
        return [*names, "catalog.duckdb"]
