"""Staging areas in memory."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime

from application.ports.dataset_writer import DatasetWriter, SealedRun, Staging
from domain.errors import DamagedStagingError, StorageError
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.manifest import (
    DataFile,
    Dataset,
    Manifest,
    Publication,
    TableVersion,
    says_the_same,
)
from domain.runs import RowCounts, Run
from domain.sources import Source
from domain.staged_rows import StagedFile, StagedTable
from domain.tables import Record, WriteMode
from tests.fakes.fake_checkpoints import FakeCheckpoints


class FakeDatasetWriter(DatasetWriter):
    """Keeps what was written; can be told to fail at "drain", "checkpoint", "seal" or "write".

    Attributes:
        sealed: called when a run has found out whether its rows are to be written.
        written: the runs whose rows were written, in turn.
        areas: what a stopped run staged, by run; only those with a checkpoint.
        damaged: runs whose staged rows cannot be taken up.
        killed: runs that nobody works on any more.
        useless: runs that the next sweep takes, with the reason.
    """

    def __init__(self, checkpoints: FakeCheckpoints | None = None) -> None:
        self.checkpoints = checkpoints or FakeCheckpoints()
        self.rows: dict[str, list[Record]] = {}
        self.sealed: Callable[[], Awaitable[object]] | None = None
        self.written: list[str] = []
        self.areas: dict[str, FakeStaging] = {}
        self.damaged: set[str] = set()
        self.useless: dict[str, str] = {}
        self.killed: set[str] = set()
        self.swept = 0
        self.discarded = 0
        self.fail_at: str | None = None

    def open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None = None
    ) -> AbstractAsyncContextManager[Staging]:
        return self._open(run, source, staged)

    @asynccontextmanager
    async def _open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None
    ) -> AsyncGenerator[Staging]:
        if run.run_id in self.damaged and staged is not None:
            message = "told to be damaged"
            raise DamagedStagingError(message)
        staging = FakeStaging(self, run, source)
        if staged is not None:
            staging.restore(self.areas[run.run_id], staged)
        try:
            yield staging
        except BaseException:
            if run.run_id in self.checkpoints.saved:
                self.areas[run.run_id] = staging
            raise
        finally:
            self.discarded += not staging.is_sealed
        await self.discard(run.run_id)

    async def discard(self, run_id: str) -> None:
        self.areas.pop(run_id, None)
        self.checkpoints.saved.pop(run_id, None)

    async def is_abandoned(self, run_id: str) -> bool:
        return run_id in self.killed

    async def sweep(self) -> Mapping[str, str]:
        self.swept += 1
        swept, self.useless = self.useless, {}
        for run_id in swept:
            await self.discard(run_id)
        return swept


class FakeStaging(Staging):
    """Rows in lists; duplicates by key go when it is sealed."""

    is_full = True

    def __init__(self, writer: FakeDatasetWriter, run: Run, source: Source) -> None:
        self._writer = writer
        self._run = run
        self._source = source
        self._checkers = {
            table.name: RecordChecker(table, source.expectations) for table in source.tables
        }
        self._records: dict[str, list[tuple[datetime, Record]]] = defaultdict(list)
        self._quarantined: dict[str, list[QuarantinedRecord]] = defaultdict(list)
        self._rows: dict[str, list[Record]] = {}
        self._publication: Publication | None = None
        self.is_sealed = False

    def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        checked = self._checkers[table].check(records)
        self._records[table].extend((fetched_at, record) for record in checked.good)
        self._quarantined[table].extend(checked.quarantined)

    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        self._quarantined[table].extend(records)

    async def drain(self) -> None:
        self._fail("drain")

    def checkpoint(self) -> Awaitable[Mapping[str, StagedTable]]:
        cut = {table.name: self._cut(table.name) for table in self._source.tables}
        return self._durable(cut)

    async def _durable(self, cut: Mapping[str, StagedTable]) -> Mapping[str, StagedTable]:
        self._fail("checkpoint")
        return cut

    def _cut(self, table: str) -> StagedTable:
        kept, kept_out = len(self._records[table]), len(self._quarantined[table])
        return StagedTable(
            kept + kept_out,
            StagedFile(f"{table}.kept", kept, kept, ""),
            StagedFile(f"{table}.kept-out", kept_out, kept_out, ""),
        )

    def restore(self, earlier: "FakeStaging", staged: Mapping[str, StagedTable]) -> None:
        for name, table in staged.items():
            self._records[name] = earlier._records[name][: table.kept.rows]
            self._quarantined[name] = earlier._quarantined[name][: table.kept_out.rows]

    async def seal(self, current: Manifest | None = None) -> SealedRun:
        self._fail("seal")
        counts: dict[str, RowCounts] = {}
        versions: dict[str, TableVersion] = {}
        for table in self._source.tables:
            name = f"{self._source.domain}.{table.name}"
            key = table.schema.positions(table.key)
            newest: dict[tuple[object, ...], Record] = {}
            # Stable: of equally new records the one that came last stays.
            for _, record in sorted(self._records[table.name], key=lambda pair: pair[0]):
                newest[tuple(record[at] for at in key)] = record
            merged, bad = len(self._records[table.name]), len(self._quarantined[table.name])
            counts[name] = RowCounts(merged + bad, len(newest), bad, merged - len(newest))
            rows = dict(newest)
            if table.mode is WriteMode.MERGE:
                before = self._writer.rows.get(name, [])
                rows = {tuple(row[at] for at in key): row for row in before} | newest
            self._rows[name] = sorted(rows.values(), key=str)
            dataset = Dataset(
                run_id=self._run.run_id,
                source=self._source.name,
                committed_at=self._run.started_at,
                files=(),
                content=str(hash(str(self._rows[name]))),
            )
            versions[name] = TableVersion(
                table.schema, table.key, table.meaning, {self._run.target: dataset}
            )
        self._publication = Publication(self._run.run_id, self._run.target, versions)
        self.is_sealed = True
        is_written = current is None or not says_the_same(current, self._publication)
        found = await self.write() if is_written else self._publication
        if self._writer.sealed is not None:
            await self._writer.sealed()
        return SealedRun(found, counts, is_written=is_written)

    async def write(self) -> Publication:
        self._fail("write")
        assert self._publication is not None
        self._writer.rows |= self._rows
        self._writer.written.append(self._run.run_id)
        return replace(
            self._publication,
            tables={
                name: replace(table, datasets={self._run.target: self._in_files(name, each)})
                for name, table in self._publication.tables.items()
                for each in table.datasets.values()
            },
        )

    def _in_files(self, name: str, dataset: Dataset) -> Dataset:
        path = f"lake/{name}/{self._run.run_id}.parquet"
        return replace(dataset, files=(DataFile(path, len(self._rows[name]), 0, ""),))

    def _fail(self, stage: str) -> None:
        if self._writer.fail_at == stage:
            message = f"told to fail at {stage}"
            raise StorageError(message)
