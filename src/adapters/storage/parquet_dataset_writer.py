"""Staging areas, and what killed runs leave of them."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.parquet_staging import ParquetStaging
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter, Staging
from application.ports.manifest_log import ManifestLog
from domain.runs import Run
from domain.sources import Source

_ALIVE = "alive"
_NEW = ".new-"
_log = structlog.get_logger()


class ParquetDatasetWriter(DatasetWriter):
    """`_staging/<run>/`, held by a lock that the kernel frees when its process dies."""

    def __init__(self, folder: DataFolder, manifests: ManifestLog, clock: Clock) -> None:
        self._folder = folder
        self._manifests = manifests
        self._clock = clock

    def open(self, run: Run, source: Source) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving the context removes it, sealed or not."""
        return self._open(run, source)

    @asynccontextmanager
    async def _open(self, run: Run, source: Source) -> AsyncGenerator[Staging]:
        area, lock = await asyncio.to_thread(self._make, run.run_id)
        try:
            yield ParquetStaging(self._folder, area, run, source, self._clock)
        finally:
            await asyncio.shield(self._discard(run.run_id, area))
            os.close(lock)

    async def sweep(self) -> int:
        """Remove the staging areas of dead runs, and files that they never published."""
        swept = 0
        for area in await asyncio.to_thread(self._areas):
            lock = await asyncio.to_thread(_lock_of_the_dead, area)
            if lock is None:
                continue
            try:
                await self._discard(area.name.removeprefix(_NEW), area)
                swept += 1
                _log.info("staging.swept", run_id=area.name)
            finally:
                os.close(lock)
        return swept

    async def _discard(self, run_id: str, area: Path) -> None:
        """The area goes; so do files in the lake unless the newest version names the run."""
        manifest = await self._manifests.latest()
        committed = any(
            dataset.run_id == run_id
            for table in manifest.tables.values()
            for dataset in table.datasets.values()
        )
        await asyncio.to_thread(self._remove, run_id, area, committed=committed)

    def _remove(self, run_id: str, area: Path, *, committed: bool) -> None:
        with storage_errors("Removing", area):
            if not committed:
                for orphan in self._folder.lake.glob(f"*/*/target=*/run={run_id}"):
                    shutil.rmtree(orphan)
            shutil.rmtree(area, ignore_errors=True)

    def _make(self, run_id: str) -> tuple[Path, int]:
        """A locked folder: it gets its final name only when the lock is held."""
        self._folder.prepare()
        area = self._folder.inside(self._folder.staging / run_id)
        making = area.with_name(_NEW + run_id)
        with storage_errors("Making", area):
            making.mkdir()
            lock = os.open(making / _ALIVE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(lock, fcntl.LOCK_EX)
            making.rename(area)
        return area, lock

    def _areas(self) -> list[Path]:
        with storage_errors("Reading", self._folder.staging):
            found = self._folder.staging.glob("[0-9A-Z]*")
            return sorted(area for area in found if area.is_dir())


def _lock_of_the_dead(area: Path) -> int | None:
    """The area's lock if nobody holds it; None while its run is alive."""
    lock = os.open(area / _ALIVE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    os.close(lock)
    return None
