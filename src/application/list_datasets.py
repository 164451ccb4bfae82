"""What is published, table by table and target by target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.manifest_log import ManifestLog


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """One target in one table."""

    table: str
    target: str
    source: str
    rows: int
    bytes: int
    files: int
    run_id: str
    committed_at: datetime


class ListDatasets:
    """Reads the newest manifest."""

    def __init__(self, *, manifests: ManifestLog) -> None:
        self._manifests = manifests

    async def execute(self) -> Sequence[DatasetSummary]:
        """All data sets, by table and target."""
        manifest = await self._manifests.latest()
        return [
            DatasetSummary(
                table=name,
                target=target,
                source=dataset.source,
                rows=dataset.rows,
                bytes=sum(file.bytes for file in dataset.files),
                files=len(dataset.files),
                run_id=dataset.run_id,
                committed_at=dataset.committed_at,
            )
            for name, table in sorted(manifest.tables.items())
            for target, dataset in sorted(table.datasets.items())
        ]
