"""The versions of a folder, and locks on them."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager

from adapters.storage.data_folder import DataFolder
from adapters.storage.version_index import VersionIndex
from adapters.storage.version_lock import VersionLock
from application.ports.version_history import VersionHistory
from domain.snapshots import Snapshot


class FileVersionHistory(VersionHistory):
    """From the manifests, through an index."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._index = VersionIndex(folder)

    async def kept(self) -> Sequence[Snapshot]:
        """The versions that can be read, oldest first."""
        return await asyncio.to_thread(self._index.kept)

    async def pruned(self) -> Sequence[Snapshot]:
        """The versions that were removed, oldest first."""
        return await asyncio.to_thread(self._index.pruned)

    def reading(self, version: int) -> AbstractContextManager[None]:
        """Keep a version from being pruned for the length of the context."""
        return self._reading(version)

    @contextmanager
    def _reading(self, version: int) -> Generator[None]:
        lock = VersionLock(self._folder, version)
        lock.share()
        try:
            yield
        finally:
            lock.release()
