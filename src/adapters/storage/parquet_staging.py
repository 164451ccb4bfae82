"""One run's staging area."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_file, sync_folder
from adapters.storage.staged_table import QUARANTINE, StagedTable
from adapters.storage.table_file import sha256_of, write_table_file
from application.ports.clock import Clock
from application.ports.dataset_writer import SealedRun, Staging
from domain.errors import StorageError
from domain.expectations import QuarantinedRecord
from domain.manifest import DataFile, Dataset, Publication, TableVersion
from domain.runs import RowCounts, Run
from domain.schema import Schema
from domain.sources import Source
from domain.tables import PROVENANCE, Record, TableSpec

_FILE = "part-00000.parquet"


class ParquetStaging(Staging):
    """Parts in `_staging/<run>/`, moved to the lake when the run is sealed."""

    def __init__(
        self, folder: DataFolder, area: Path, run: Run, source: Source, clock: Clock
    ) -> None:
        self._folder = folder
        self._area = area
        self._run = run
        self._source = source
        self._clock = clock
        self._tables = {
            table.name: StagedTable(table, f"{source.domain}.{table.name}", run.run_id, area)
            for table in source.tables
        }

    async def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table."""
        await self._tables[table].append(records, fetched_at)

    async def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table."""
        await self._tables[table].quarantine(records, fetched_at)

    async def seal(self) -> SealedRun:
        """Merge, verify and move to the lake; still unpublished."""
        at = self._clock.now()
        counts: dict[str, RowCounts] = {}
        versions: dict[str, TableVersion] = {}
        for table in self._source.tables:
            staged = self._tables[table.name]
            await staged.flush()
            await staged.flush()  # the first flush may have kept misfits out
            name = f"{self._source.domain}.{table.name}"
            file = await asyncio.to_thread(self._publishable, table, name)
            counts[name] = _balanced(name, staged, file.rows)
            dataset = Dataset(self._run.run_id, self._source.name, at, (file,))
            schema = Schema((*table.schema.fields, *PROVENANCE))
            versions[name] = TableVersion(
                schema, table.key, table.meaning, {self._run.target: dataset}
            )
            await asyncio.to_thread(self._move_quarantine, name, staged.quarantine_parts)
        return SealedRun(Publication(self._run.run_id, self._run.target, versions), counts)

    def _publishable(self, table: TableSpec, name: str) -> DataFile:
        written = self._area / f"sealed-{table.name}" / _FILE
        with storage_errors("Writing", written):
            written.parent.mkdir()
        rows = write_table_file(
            table, self._tables[table.name].parts, written, self._run.run_id, self._source.name
        )
        digest = sha256_of(written)
        home = self._folder.target_folder(name, self._run.target) / f"run={self._run.run_id}"
        with storage_errors("Moving", home):
            home.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(written.parent)
            written.parent.rename(home)
            for folder in (home.parent, *list(home.parents)[1:4]):
                sync_folder(folder)
            file = home / _FILE
            return DataFile(self._folder.relative(file), rows, file.stat().st_size, digest)

    def _move_quarantine(self, name: str, parts: Sequence[Path]) -> None:
        if not parts:
            return
        domain, _, table = name.partition(".")
        home = self._folder.quarantine / domain / table / f"target={self._run.target}"
        path = self._folder.inside(home / f"run={self._run.run_id}.parquet")
        gathered = self._area / f"quarantine-{table}.parquet"
        with storage_errors("Writing", path):
            with pq.ParquetWriter(gathered, QUARANTINE, compression="zstd") as writer:
                for part in parts:
                    writer.write_table(pq.read_table(part, schema=QUARANTINE))
            sync_file(gathered)
            home.mkdir(parents=True, exist_ok=True)
            gathered.replace(path)
            sync_folder(home)


def _balanced(name: str, staged: StagedTable, published: int) -> RowCounts:
    counts = staged.balance(published)
    if not counts.balanced or counts.deduplicated < 0:
        message = f"The rows of {name} do not add up: {counts}. Nothing was published."
        raise StorageError(message)
    return counts
