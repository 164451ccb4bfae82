"""One run's rows on their way to the lake."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.staged_table import StagedTable
from adapters.storage.table_sealer import SealedTable, TableSealer
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.dataset_writer import SealedRun, Staging
from domain import staged_rows
from domain.errors import DamagedStagingError
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.manifest import Dataset, Manifest, Publication, TableVersion, content_of
from domain.page_results import AnswerRows
from domain.runs import Run
from domain.schema import Schema
from domain.sources import Source
from domain.tables import PROVENANCE, Record, TableSpec, WriteMode


class ParquetStaging(Staging):
    """Rows in the staging area, merged and moved to the lake when the run is sealed."""

    is_full = False

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
        self._sealed_at = run.started_at
        self._sealers: dict[str, TableSealer] = {}
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
        staged = self._tables[table]
        staged.append(records, fetched_at)
        if staged.is_full:
            self.is_full = True

    def append_answers(self, table: str, answers: Sequence[AnswerRows]) -> None:
        """The same for what several answers gave."""
        staged = self._tables[table]
        staged.append_answers(answers)
        if staged.is_full:
            self.is_full = True

    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table."""
        staged = self._tables[table]
        staged.quarantine(records, fetched_at)
        if staged.is_full:
            self.is_full = True

    async def drain(self) -> None:
        """Write what has become too much to hold."""
        self.is_full = False
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

    async def seal(self, current: Manifest | None = None) -> SealedRun:
        """Merge and verify; write to the lake, unless every table says what `current` says."""
        self._sealed_at = self._clock.now()
        for table in self._source.tables:
            await self._tables[table.name].flush()
        self._sealers = {table.name: self._sealer(table) for table in self._source.tables}
        sealed = await self._merged(current) if current else None
        is_written = sealed is None
        if sealed is None:
            sealed = await self._written()
        counts = {
            self._qualified(table): sealed[table.name].counts for table in self._source.tables
        }
        return SealedRun(self._publication(sealed), counts, is_written=is_written)

    async def write(self) -> Publication:
        """Write to the lake what `seal` has left unwritten."""
        return self._publication(await self._written())

    async def _merged(self, current: Manifest) -> Mapping[str, SealedTable] | None:
        """The tables, still unwritten; None if one of them says what `current` does not say.

        The small ones first: if there is news in one, the others are gone through but once.
        """
        sealed: dict[str, SealedTable] = {}
        said = {
            table.name: content_of(
                current, self._qualified(table), self._run.target, self._version(table)
            )
            for table in self._source.tables
        }
        if not all(said.values()):
            return None
        for name in sorted(said, key=lambda each: self._sealers[each].size):
            found = await uninterrupted(asyncio.to_thread(self._sealers[name].merge))
            if found.content != said[name]:
                return None
            sealed[name] = found
        return sealed

    async def _written(self) -> Mapping[str, SealedTable]:
        """The tables in the lake; the large ones first, whose profiles take the longest."""
        sealed: dict[str, SealedTable] = {}
        profiling: list[asyncio.Task[None]] = []
        sealers = sorted(self._sealers.items(), key=lambda each: each[1].size, reverse=True)
        try:
            for name, sealer in sealers:
                found = sealed[name] = await uninterrupted(asyncio.to_thread(sealer.write))
                for file in found.files:
                    profile = asyncio.to_thread(sealer.profile, file)
                    profiling.append(asyncio.create_task(profile))
        finally:
            # No thread may write into the lake when its run is over, however it ends.
            await uninterrupted(_all_ended(profiling))
        return sealed

    def _publication(self, sealed: Mapping[str, SealedTable]) -> Publication:
        run, source = self._run, self._source
        versions: dict[str, TableVersion] = {}
        built_on: dict[str, str] = {}
        for table in source.tables:
            name, found = self._qualified(table), sealed[table.name]
            dataset = Dataset(run.run_id, source.name, self._sealed_at, found.files, found.content)
            versions[name] = replace(self._version(table), datasets={run.target: dataset})
            if table.mode is WriteMode.MERGE:
                base = self._base(table)
                built_on[name] = base.run_id if base else ""
        return Publication(run.run_id, run.target, versions, built_on)

    @staticmethod
    def _version(table: TableSpec) -> TableVersion:
        schema = Schema((*table.schema.fields, *PROVENANCE))
        return TableVersion(schema, table.key, table.meaning)

    def _sealer(self, table: TableSpec) -> TableSealer:
        return TableSealer(
            folder=self._folder,
            area=self._area,
            run=self._run,
            source=self._source,
            table=table,
            staged=self._tables[table.name],
            base=self._base(table),
        )

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

    def _qualified(self, table: TableSpec) -> str:
        return f"{self._source.domain}.{table.name}"


async def _all_ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
