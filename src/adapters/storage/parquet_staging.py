"""One run's rows on their way to the lake."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_stream import ArrowStream
from adapters.storage.column_profiles import profile_of
from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import (
    UNCHANGED,
    move_durably,
    storage_errors,
    sync_file,
    sync_folder,
)
from adapters.storage.kept_out_rows import QUARANTINE
from adapters.storage.parquet_file import parquet_writer
from adapters.storage.profile_file import write_profile
from adapters.storage.staged_table import StagedTable
from adapters.storage.table_file import sha256_of, write_table_file
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.dataset_writer import SealedRun, Staging
from domain import staged_rows
from domain.errors import DamagedStagingError, StorageError
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.manifest import DataFile, Dataset, Manifest, Publication, TableVersion
from domain.runs import RowCounts, Run
from domain.schema import Schema
from domain.sources import Source
from domain.tables import PROVENANCE, Record, TableSpec, WriteMode

_FILE = "part-00000.parquet"
_log = structlog.get_logger()


class ParquetStaging(Staging):
    """Rows in the staging area, merged and moved to the lake when the run is sealed."""

    def __init__(
        self,
        *,
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
        self._tables = {
            table.name: StagedTable(
                table,
                self._qualified(table),
                run.run_id,
                area,
                RecordChecker(table, source.expectations),
            )
            for table in source.tables
        }

    def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table; those that break an expectation or do not fit are kept out."""
        self._tables[table].append(records, fetched_at)

    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table."""
        self._tables[table].quarantine(records, fetched_at)

    async def drain(self) -> None:
        """Write what has become too much to hold."""
        for table in self._tables.values():
            if table.is_full:
                await table.drain()

    def checkpoint(self) -> Awaitable[Mapping[str, staged_rows.StagedTable]]:
        """All that was added before this call, by table, durable once it is awaited."""
        cuts = {name: table.checkpoint() for name, table in self._tables.items()}
        return self._awaited(cuts)

    async def restore(self, staged: Mapping[str, staged_rows.StagedTable]) -> None:
        """Go on from what an earlier attempt staged.

        Raises:
            DamagedStagingError: it is not what the checkpoint says.
        """
        if set(staged) - set(self._tables):
            message = f"{self._area} has rows of tables that {self._source.name} does not fill."
            raise DamagedStagingError(message)
        for name, table in self._tables.items():
            await table.restore(staged.get(name, staged_rows.StagedTable()))

    async def seal(self) -> SealedRun:
        """Merge, verify and move to the lake; still unpublished."""
        profiling: list[asyncio.Task[None]] = []
        try:
            return await self._sealed(self._clock.now(), profiling)
        finally:
            # No thread may write into the lake when its run is over, however it ends.
            await uninterrupted(_all_ended(profiling))

    async def _sealed(self, at: datetime, profiling: list[asyncio.Task[None]]) -> SealedRun:
        counts: dict[str, RowCounts] = {}
        versions: dict[str, TableVersion] = {}
        built_on: dict[str, str] = {}
        for table in self._source.tables:
            staged = self._tables[table.name]
            await staged.flush()
            base = self._base(table)
            file, content, counts[self._qualified(table)] = await uninterrupted(
                asyncio.to_thread(self._seal_table, table, staged, base)
            )
            profiling.append(asyncio.create_task(asyncio.to_thread(self._profile, file)))
            dataset = Dataset(self._run.run_id, self._source.name, at, (file,), content)
            if table.mode is WriteMode.MERGE:
                built_on[self._qualified(table)] = base.run_id if base else ""
            schema = Schema((*table.schema.fields, *PROVENANCE))
            versions[self._qualified(table)] = TableVersion(
                schema, table.key, table.meaning, {self._run.target: dataset}
            )
        publication = Publication(self._run.run_id, self._run.target, versions, built_on)
        return SealedRun(publication, counts)

    @staticmethod
    async def _awaited(
        cuts: Mapping[str, Awaitable[staged_rows.StagedTable]],
    ) -> Mapping[str, staged_rows.StagedTable]:
        """All of them have ended, whichever fails: nobody cleans up while one still writes."""
        found = await asyncio.gather(*cuts.values(), return_exceptions=True)
        states: dict[str, staged_rows.StagedTable] = {}
        for name, state in zip(cuts, found, strict=True):
            if isinstance(state, BaseException):
                raise state
            states[name] = state
        return states

    def _base(self, table: TableSpec) -> Dataset | None:
        """What a table that is merged begins with."""
        if table.mode is not WriteMode.MERGE:
            return None
        return self._manifest.dataset(self._qualified(table), self._run.target)

    def _seal_table(
        self, table: TableSpec, staged: StagedTable, base: Dataset | None
    ) -> tuple[DataFile, str, RowCounts]:
        name = self._qualified(table)
        written = self._area / f"sealed-{table.name}" / _FILE
        with storage_errors("Writing", written):
            written.parent.mkdir()
        merged = write_table_file(
            table,
            staged.kept,
            [self._whole(file) for file in base.files] if base else [],
            written,
            {
                "run_id": self._run.run_id,
                "source": self._source.name,
                "table": name,
                "target": self._run.target,
                "schema": table.schema.fingerprint,
            },
        )
        counts = staged.balance(merged.rows - merged.carried, merged.duplicates)
        digest = sha256_of(written)
        home = self._folder.run_folder(name, self._run.target, self._run.run_id)
        with storage_errors("Moving", home):
            sync_folder(written.parent)
            move_durably(written.parent, home, self._folder.root)
            file = home / _FILE
            size = file.stat().st_size
        self._move_quarantine(name, staged.kept_out)
        entry = DataFile(self._folder.relative(file), merged.rows, size, digest)
        return entry, merged.content, counts

    def _whole(self, file: DataFile) -> Path:
        """A published file that is what it was when it was published.

        Raises:
            StorageError: it is not; a merge would carry the damage on under a new checksum.
        """
        path = self._folder.inside(self._folder.root / file.path)
        if sha256_of(path) != file.sha256:
            message = (
                f"{path} was changed after it was published, so nothing can be merged with it. "
                f"{UNCHANGED} Restore it from a backup; `app catalog verify --all` tells which "
                "versions are whole."
            )
            raise StorageError(message)
        return path

    def _profile(self, file: DataFile) -> None:
        """Beside the work on the next table; a version does not depend on it."""
        path = self._folder.root / file.path
        try:
            with storage_errors("Profiling", path):
                write_profile(path, profile_of([path]))
        except StorageError as error:
            _log.warning("profile.failed", file=file.path, reason=str(error))

    def _move_quarantine(self, name: str, kept_out: ArrowStream) -> None:
        if not kept_out.state().rows:
            return
        path = self._folder.quarantine_file(name, self._run.target, self._run.run_id)
        gathered = self._area / f"quarantine-{name}.parquet"
        with parquet_errors("Writing", path):
            with parquet_writer(gathered, QUARANTINE) as writer:
                for batch in kept_out.batches():
                    writer.write_batch(batch)
            sync_file(gathered)
            move_durably(gathered, path, self._folder.root)

    def _qualified(self, table: TableSpec) -> str:
        return f"{self._source.domain}.{table.name}"


async def _all_ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
