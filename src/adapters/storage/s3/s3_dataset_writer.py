"""Staging areas in the mirror, and what stopped runs leave in the store."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.s3.holding import holding
from adapters.storage.s3.run_uploads import RunUploads
from adapters.storage.s3.s3_lake_files import S3LakeFiles
from adapters.storage.s3.s3_staging import S3Staging
from adapters.storage.uninterrupted import uninterrupted
from application.ports.dataset_writer import DatasetWriter, Staging
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest
from domain.runs import Run
from domain.sources import Source
from domain.staged_rows import StagedTable
from domain.tables import WriteMode

_log = structlog.get_logger()


class S3DatasetWriter(DatasetWriter):
    """Stages runs on this machine, where they also go on after a stop.

    Args:
        local: the writer of the mirror.
        mirror: the folder that it writes to.
        lake: brings the rows that a merge begins with, and keeps what was published.
        manifests: the versions in the store.
        uploads: what is in the store and not yet published.
    """

    def __init__(
        self,
        local: DatasetWriter,
        mirror: DataFolder,
        lake: S3LakeFiles,
        manifests: ManifestLog,
        uploads: RunUploads,
    ) -> None:
        self._local = local
        self._mirror = mirror
        self._lake = lake
        self._manifests = manifests
        self._uploads = uploads

    def open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None = None
    ) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving it by an error keeps what the run's checkpoint names."""
        return self._open(run, source, staged)

    @asynccontextmanager
    async def _open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None
    ) -> AsyncGenerator[Staging]:
        merged = [
            f"{source.domain}.{table.name}"
            for table in source.tables
            if table.mode is WriteMode.MERGE
        ]
        try:
            manifest = await self._manifests.latest() if merged else Manifest()
            async with (
                holding(self._lake.hold(manifest, merged, run.target)),
                self._local.open(run, source, staged) as staging,
            ):
                yield S3Staging(staging, self._mirror)
        except BaseException:
            await self._tidy(lambda: self._uploads.abandon(run.run_id))
            raise
        await self._tidy(lambda: self._uploads.sweep(run.run_id))
        await self._tidy(self._lake.shrink)

    async def discard(self, run_id: str) -> None:
        """Remove what a stopped run left, its checkpoint too."""
        await self._local.discard(run_id)
        await self._tidy(lambda: self._uploads.abandon(run_id))

    async def is_abandoned(self, run_id: str) -> bool:
        """Whether a run of this machine was killed."""
        return await self._local.is_abandoned(run_id)

    async def sweep(self) -> Mapping[str, str]:
        """Remove what dead runs left: here at once, in the store when it is safe."""
        swept = await self._local.sweep()
        await self._tidy(self._uploads.sweep)
        return swept

    @staticmethod
    async def _tidy(work: Callable[[], object]) -> None:
        """What cannot be removed now is removed by a later run."""
        try:
            await uninterrupted(asyncio.to_thread(work))
        except StorageError as error:
            _log.warning("uploads.sweep_failed", reason=str(error))
