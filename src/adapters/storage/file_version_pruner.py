"""Removes manifests."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder
from adapters.storage.file_lock import FileLock
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.pruned_versions import PrunedVersions
from adapters.storage.uninterrupted import uninterrupted
from adapters.storage.version_lock import VersionLock
from application.ports.version_pruner import VersionPruner
from domain.errors import StorageError
from domain.snapshots import Snapshot

_log = structlog.get_logger()


class FileVersionPruner(VersionPruner):
    """Writes into `_catalog/pruned.json`, then unlinks."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._files = ManifestFiles(folder)
        self._pruned = PrunedVersions(folder)

    def alone(self) -> AbstractAsyncContextManager[None]:
        """No other prune of the catalog for the length of the context."""
        return self._alone()

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        self._folder.prepare()
        path = self._folder.locks / "prune.lock"
        lock = FileLock(path)
        with storage_errors("Locking", path):
            if not lock.take():
                message = f"Another process is pruning {self._folder.root}."
                raise StorageError(message)
        try:
            yield
        finally:
            lock.release()

    async def remove(self, versions: Sequence[Snapshot]) -> Sequence[int]:
        """Remove versions, oldest first; the numbers of those that have gone."""
        return await uninterrupted(asyncio.to_thread(self._remove, versions))

    def _remove(self, versions: Sequence[Snapshot]) -> list[int]:
        self._pruned.add(versions)
        with storage_errors("Removing versions from", self._folder.versions):
            ordered = sorted(each.version for each in versions)
            gone = [version for version in ordered if self._is_removed(version)]
            sync_folder(self._folder.versions)
        return gone

    def _is_removed(self, version: int) -> bool:
        """Whether nobody read it, so that it has gone."""
        lock = VersionLock(self._folder, version)
        if not lock.take():
            _log.info("version.held", version=version)
            return False
        try:
            self._files.path(version).unlink(missing_ok=True)
        except OSError:
            lock.release()
            raise
        lock.discard()
        return True
