"""Run locks by flock: the kernel frees them when their holder dies."""

import asyncio
import fcntl
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
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
        descriptor = await asyncio.to_thread(self._take, domain, target)
        try:
            yield
        finally:
            os.close(descriptor)

    def _take(self, domain: str, target: str) -> int:
        self._folder.prepare()
        path = self._folder.inside(self._folder.locks / f"{domain}.{target}.lock")
        with storage_errors("Locking", path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                os.close(descriptor)
                raise RunLockedError(domain, target, holder or "another process") from error
            since = self._clock.now().isoformat(timespec="seconds")
            holder = f"process {os.getpid()} on {socket.gethostname()} since {since}"
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, holder.encode(), 0)
            return descriptor
