"""One run's rows on their way to the lake."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import move_durably, storage_errors, sync_file, sync_folder
from adapters.storage.parquet_file import parquet_writer
from adapters.storage.staged_table import QUARANTINE, StagedTable
from adapters.storage.table_file import sha256_of, write_table_file
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.dataset_writer import SealedRun, Staging
from domain.errors import DamagedStagingError
from domain.expectations import QuarantinedRecord
from domain.manifest import DataFile, Dataset, Manifest, Publication, TableVersion
from domain.runs import RowCounts, Run
from domain.schema import Schema
from domain.sources import Source
from domain.tables import PROVENANCE, Record, TableSpec

_FILE = "part-00000.parquet"


class ParquetStaging(Staging):
    """Parts in the staging area, merged and moved to the lake when the run is sealed."""

    def __init__(
        self,
        folder: DataFolder,
        area: Path,
        run: Run,
        source: Source,
        clock: Clock,
        manifest: Manifest,
    ) -> None:
        self._folder = folder
        self._area = area
        self._run = run
        self._source = source
        self._clock = clock
        self._manifest = manifest
        self._pending: list = []
        self._tables = {
            table.name: StagedTable(table, self._qualified(table), run.run_id, area)
            for table in source.tables
        }

    def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table."""
        self._pending.append((self._tables[table].append, records, fetched_at))

    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table."""
        self._pending.append((self._tables[table].quarantine, records, fetched_at))

    async def drain(self) -> None:
        """Interim."""
        pending, self._pending = self._pending, []
        for add, records, at in pending:
            await add(records, at)

    async def checkpoint(self):
        """Interim."""
        await self.drain()
        return {}

    async def restore(self, staged) -> None:
        """Interim."""
        raise DamagedStagingError("interim")

    async def seal(self) -> SealedRun:
        """Merge, verify and move to the lake; still unpublished."""
        at = self._clock.now()
        await self.drain()
        counts: dict[str, RowCounts] = {}
        versions: dict[str, TableVersion] = {}
        for table in self._source.tables:
            staged = self._tables[table.name]
            await staged.flush()
            file, counts[self._qualified(table)] = await uninterrupted(
                asyncio.to_thread(self._seal_table, table, staged)
            )
            dataset = Dataset(self._run.run_id, self._source.name, at, (file,))
            schema = Schema((*table.schema.fields, *PROVENANCE))
            versions[self._qualified(table)] = TableVersion(
                schema, table.key, table.meaning, {self._run.target: dataset}
            )
        return SealedRun(Publication(self._run.run_id, self._run.target, versions), counts)

    def _seal_table(self, table: TableSpec, staged: StagedTable) -> tuple[DataFile, RowCounts]:
        name = self._qualified(table)
        written = self._area / f"sealed-{table.name}" / _FILE
        with storage_errors("Writing", written):
            written.parent.mkdir()
        merged = write_table_file(
            table,
            staged.parts,
            written,
            {
                "run_id": self._run.run_id,
                "source": self._source.name,
                "table": name,
                "target": self._run.target,
                "schema": table.schema.fingerprint,
            },
        )
        counts = staged.balance(merged.rows, merged.duplicates)
        digest = sha256_of(written)
        home = self._folder.run_folder(name, self._run.target, self._run.run_id)
        with storage_errors("Moving", home):
            sync_folder(written.parent)
            move_durably(written.parent, home, self._folder.root)
            file = home / _FILE
            size = file.stat().st_size
        self._move_quarantine(name, staged.quarantine_parts)
        return DataFile(self._folder.relative(file), merged.rows, size, digest), counts

    def _move_quarantine(self, name: str, parts: Sequence[Path]) -> None:
        if not parts:
            return
        path = self._folder.quarantine_file(name, self._run.target, self._run.run_id)
        gathered = self._area / f"quarantine-{name}.parquet"
        with parquet_errors("Writing", path):
            with parquet_writer(gathered, QUARANTINE) as writer:
                for part in parts:
                    writer.write_table(pq.read_table(part, schema=QUARANTINE))
            sync_file(gathered)
            move_durably(gathered, path, self._folder.root)

    def _qualified(self, table: TableSpec) -> str:
        return f"{self._source.domain}.{table.name}"
