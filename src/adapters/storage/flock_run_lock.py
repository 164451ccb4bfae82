"""Run locks by flock: the kernel frees them when their holder dies."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.file_lock import FileLock
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.run_lock import RunLock
from domain.errors import RunLockedError


class FlockRunLock(RunLock):
    """One file a target in `_catalog/locks`; it says who holds it and is never deleted."""

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
        """Hold the target for the length of the context."""
        return self._hold(domain, target)

    @asynccontextmanager
    async def _hold(self, domain: str, target: str) -> AsyncGenerator[None]:
        path = self._folder.lock(domain, target)
        lock = FileLock(path)

        def take() -> None:
            self._folder.prepare()
            with storage_errors("Locking", path):
                if not lock.take():
                    raise RunLockedError(domain, target, lock.signature() or "another process")
                since = self._clock.now().isoformat(timespec="seconds")
                lock.sign(f"process {os.getpid()} on {socket.gethostname()} since {since}")

        try:
            await uninterrupted(asyncio.to_thread(take))
            yield
        finally:
            lock.release()
