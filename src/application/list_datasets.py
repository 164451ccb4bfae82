"""What is published, table by table and target by target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from domain.coverage import Coverage, Span, gaps_within
from domain.manifest import Dataset
from domain.runs import Run


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """One target in one table.

    Attributes:
        run_id, committed_at: of the run that its rows are of.
        complete_until: for a time series, up to when it is known for good; the earliest of its
            series.
        covered: of each of its series, the spans that are known for good.
        last_run: the newest run of the target, whatever became of it; None where the log has
            none.
    """

    table: str
    target: str
    source: str
    rows: int
    bytes: int
    files: int
    run_id: str
    committed_at: datetime
    complete_until: datetime | None = None
    covered: Sequence[Coverage] = ()
    last_run: Run | None = None

    @property
    def gaps(self) -> Sequence[Span]:
        """What lacks between the spans of a series."""
        return [gap for coverage in self.covered for gap in gaps_within(coverage)]


class ListDatasets:
    """Reads the newest manifest, and the runs."""

    def __init__(self, *, manifests: ManifestLog, runs: RunLog) -> None:
        self._manifests = manifests
        self._runs = runs

    async def execute(self) -> Sequence[DatasetSummary]:
        """All data sets, by table and target."""
        manifest = await self._manifests.latest()
        wanted = {
            (name.partition(".")[0], target)
            for name, table in manifest.tables.items()
            for target in table.datasets
        }
        newest = await self._newest(wanted)
        return [
            summary_of(name, target, dataset, newest.get((name.partition(".")[0], target)))
            for name, table in sorted(manifest.tables.items())
            for target, dataset in sorted(table.datasets.items())
        ]

    async def _newest(self, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Run]:
        """The newest run of each target; older ones are not looked at when all are found."""
        found: dict[tuple[str, str], Run] = {}
        for run in await self._runs.all():
            if len(found) == len(wanted):
                break
            if (run.domain, run.target) in wanted:
                found.setdefault((run.domain, run.target), run)
        return found


def summary_of(table: str, target: str, dataset: Dataset, last_run: Run | None) -> DatasetSummary:
    """One data set, in short."""
    return DatasetSummary(
        table=table,
        target=target,
        source=dataset.source,
        rows=dataset.rows,
        bytes=sum(file.bytes for file in dataset.files),
        files=len(dataset.files),
        run_id=dataset.run_id,
        committed_at=dataset.committed_at,
        complete_until=min(dataset.complete_until.values(), default=None),
        covered=tuple(coverage for coverage in dataset.covered.values() if coverage),
        last_run=last_run,
    )
