"""Staging areas, and what killed runs leave of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sweep_temporaries
from adapters.storage.parquet_staging import ParquetStaging
from adapters.storage.staging_area import StagingArea
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter, Staging
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.runs import Run
from domain.sources import Source

_LEFT_BEHIND = timedelta(hours=1)  # no write takes as long, so an older temporary file is a stray
_log = structlog.get_logger()


class ParquetDatasetWriter(DatasetWriter):
    """Stages runs as Parquet; what is not committed when a run ends is removed again."""

    def __init__(self, folder: DataFolder, manifests: ManifestLog, clock: Clock) -> None:
        self._folder = folder
        self._manifests = manifests
        self._clock = clock

    def open(self, run: Run, source: Source) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving the context removes it, sealed or not."""
        return self._open(run, source)

    @asynccontextmanager
    async def _open(self, run: Run, source: Source) -> AsyncGenerator[Staging]:
        area = StagingArea(self._folder, run.run_id)
        try:
            await uninterrupted(asyncio.to_thread(area.make))
            yield ParquetStaging(self._folder, area.path, run, source, self._clock)
        finally:
            await uninterrupted(self._discard(area))

    async def sweep(self) -> int:
        """Remove what dead runs left: staging areas, unpublished files, temporary files."""
        swept = await asyncio.to_thread(self._sweep_temporaries)
        for run_id in await asyncio.to_thread(self._staged_runs):
            try:
                if await uninterrupted(self._sweep(StagingArea(self._folder, run_id))):
                    swept += 1
                    _log.info("staging.swept", run_id=run_id)
            except StorageError as error:
                _log.warning("staging.sweep_failed", run_id=run_id, reason=str(error))
        return swept

    async def _sweep(self, area: StagingArea) -> bool:
        if not await asyncio.to_thread(area.take_over):
            return False
        await self._discard(area)
        return True

    async def _discard(self, area: StagingArea) -> None:
        """The area goes; so does all that its run wrote, unless the run made a version."""
        try:
            if area.held:
                strays = await asyncio.to_thread(lambda: [*self._folder.written_by(area.run_id)])
                if strays and await self._manifests.version_of(area.run_id) is not None:
                    strays = []
                await asyncio.to_thread(area.remove, strays)
        finally:
            area.release()

    def _staged_runs(self) -> list[str]:
        with storage_errors("Reading", self._folder.staging):
            return sorted(path.name for path in self._folder.staging.glob("*") if path.is_dir())

    def _sweep_temporaries(self) -> int:
        before = self._clock.now() - _LEFT_BEHIND
        return sum(
            sweep_temporaries(each, before) for each in (self._folder.versions, self._folder.runs)
        )
