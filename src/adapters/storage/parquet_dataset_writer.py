"""Staging areas, and what stopped runs leave of them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sweep_temporaries
from adapters.storage.file_checkpoints import CHECKPOINT, read_checkpoint
from adapters.storage.memory_pool import use_lean_pool
from adapters.storage.parquet_staging import ParquetStaging
from adapters.storage.staging_area import StagingArea
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter, Staging
from application.ports.manifest_log import ManifestLog
from domain.checkpoint import Checkpoint
from domain.errors import StorageError
from domain.runs import Run
from domain.sources import Source
from domain.staged_rows import StagedTable

KEPT_FOR = timedelta(days=7)
"""How long a stopped run can be continued: rows of the two halves should be of one time."""

_LEFT_BEHIND = timedelta(hours=1)  # no write takes as long, so an older temporary file is a stray
_UNREADABLE = "its checkpoint is damaged, or of another version of this program"
_log = structlog.get_logger()


class ParquetDatasetWriter(DatasetWriter):
    """Stages runs; of one that ends without a version only what its checkpoint names stays."""

    def __init__(self, folder: DataFolder, manifests: ManifestLog, clock: Clock) -> None:
        use_lean_pool()
        self._folder = folder
        self._manifests = manifests
        self._clock = clock

    def open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None = None
    ) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving it by an error keeps what the run's checkpoint names."""
        return self._open(run, source, staged)

    @asynccontextmanager
    async def _open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None
    ) -> AsyncGenerator[Staging]:
        area = StagingArea(self._folder, run.run_id)
        try:
            await uninterrupted(asyncio.to_thread(area.make, run.domain, run.target))
            manifest = await self._manifests.latest()
            staging = ParquetStaging(
                folder=self._folder,
                area=area.path,
                run=run,
                source=source,
                clock=self._clock,
                manifest=manifest,
            )
            if staged is not None:
                await uninterrupted(self._leave(area))
                await uninterrupted(staging.restore(staged))
            yield staging
        except BaseException:
            await uninterrupted(self._leave(area))
            raise
        else:
            await uninterrupted(self._discard(area))
        finally:
            area.release()

    async def discard(self, run_id: str) -> None:
        """Remove what a stopped run left, its checkpoint too."""
        await self._taken_over(run_id, always=True)

    async def is_abandoned(self, run_id: str) -> bool:
        """Whether a run was killed: its area is here, and nobody holds it."""
        return await asyncio.to_thread(StagingArea(self._folder, run_id).is_abandoned)

    async def sweep(self) -> Mapping[str, str]:
        """Remove what dead runs left: staging areas, unpublished files, temporary files."""
        await asyncio.to_thread(self._sweep_temporaries)
        swept = {}
        for run_id in await asyncio.to_thread(self._staged_runs):
            try:
                why = await self._taken_over(run_id, always=False)
                if why is not None:
                    swept[run_id] = why
                    _log.info("staging.swept", run_id=run_id)
            except StorageError as error:
                _log.warning("staging.sweep_failed", run_id=run_id, reason=str(error))
        return swept

    async def _taken_over(self, run_id: str, *, always: bool) -> str | None:
        """Why a dead run that might have gone on cannot; None if its area was not removed."""
        area = StagingArea(self._folder, run_id)
        return await uninterrupted(self._take_over(area, always=always))

    async def _take_over(self, area: StagingArea, *, always: bool) -> str | None:
        try:
            take = area.take_from_the_dead if always else area.take_over
            if not await asyncio.to_thread(take):
                return None
            return await (self._discard(area) if always else self._leave(area))
        finally:
            area.release()

    async def _leave(self, area: StagingArea) -> str | None:
        """Keep what the run can go on from, remove the rest; why all of it was removed."""
        if not area.held:
            return None
        path = area.path / CHECKPOINT
        checkpoint = await asyncio.to_thread(read_checkpoint, path)
        if checkpoint is None:
            return await self._discard(area, _UNREADABLE if path.exists() else "")
        if await self._is_over(checkpoint):
            return await self._discard(area)
        if self._clock.now() - checkpoint.at > KEPT_FOR:
            return await self._discard(area, f"it is older than {KEPT_FOR.days} days")
        files = [each for t in checkpoint.tables.values() for each in (t.kept, t.kept_out)]
        await asyncio.to_thread(
            lambda: area.tidy(
                {CHECKPOINT, *(file.name for file in files)},
                [*self._folder.written_by(area.run_id, area.owner)],
            )
        )
        return None

    async def _is_over(self, checkpoint: Checkpoint) -> bool:
        """Its run has made its version."""
        return await self._manifests.version_of(checkpoint.run.run_id) is not None

    async def _discard(self, area: StagingArea, why: str = "") -> str:
        """The area goes; so does all that its run wrote, unless the run made a version."""
        strays = await asyncio.to_thread(
            lambda: [*self._folder.written_by(area.run_id, area.owner)]
        )
        if strays and await self._manifests.version_of(area.run_id) is not None:
            strays = []
        await asyncio.to_thread(area.remove, strays, CHECKPOINT)
        return why

    def _staged_runs(self) -> list[str]:
        with storage_errors("Reading", self._folder.staging):
            return sorted(path.name for path in self._folder.staging.glob("*") if path.is_dir())

    def _sweep_temporaries(self) -> int:
        before = self._clock.now() - _LEFT_BEHIND
        catalog = self._folder.versions.parent
        return sum(
            sweep_temporaries(each, before)
            for each in (self._folder.versions, self._folder.runs, catalog)
        )
