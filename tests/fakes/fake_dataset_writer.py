"""Staging areas in memory."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from application.ports.dataset_writer import DatasetWriter, SealedRun, Staging
from domain.errors import StorageError
from domain.expectations import QuarantinedRecord
from domain.manifest import DataFile, Dataset, Publication, TableVersion
from domain.runs import RowCounts, Run
from domain.sources import Source
from domain.tables import Record


class FakeDatasetWriter(DatasetWriter):
    """Keeps what was sealed; can be told to fail at "append" or "seal"."""

    def __init__(self) -> None:
        self.sealed: list[SealedRun] = []
        self.rows: dict[str, list[Record]] = {}
        self.swept = 0
        self.discarded = 0
        self.fail_at: str | None = None

    def open(self, run: Run, source: Source) -> AbstractAsyncContextManager[Staging]:
        return self._open(run, source)

    @asynccontextmanager
    async def _open(self, run: Run, source: Source) -> AsyncGenerator[Staging]:
        staging = FakeStaging(self, run, source)
        try:
            yield staging
        finally:
            self.discarded += not staging.is_sealed

    async def sweep(self) -> int:
        self.swept += 1
        return 0


class FakeStaging(Staging):
    """Rows in lists; duplicates by key go when it is sealed."""

    def __init__(self, writer: FakeDatasetWriter, run: Run, source: Source) -> None:
        self._writer = writer
        self._run = run
        self._source = source
        self._records: dict[str, list[tuple[datetime, Record]]] = defaultdict(list)
        self._quarantined: dict[str, list[QuarantinedRecord]] = defaultdict(list)
        self.is_sealed = False

    async def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        self._fail("append")
        self._source.table(table)
        self._records[table].extend((fetched_at, record) for record in records)

    async def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        self._quarantined[table].extend(records)

    async def seal(self) -> SealedRun:
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
            self._writer.rows[name] = list(newest.values())
            file = DataFile(f"lake/{name}/{self._run.run_id}.parquet", len(newest), 0, "")
            dataset = Dataset(self._run.run_id, self._source.name, self._run.started_at, (file,))
            versions[name] = TableVersion(
                table.schema, table.key, table.meaning, {self._run.target: dataset}
            )
        sealed = SealedRun(Publication(self._run.run_id, self._run.target, versions), counts)
        self._writer.sealed.append(sealed)
        self.is_sealed = True
        return sealed

    def _fail(self, stage: str) -> None:
        if self._writer.fail_at == stage:
            message = f"told to fail at {stage}"
            raise StorageError(message)
