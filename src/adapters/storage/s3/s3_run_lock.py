"""Run locks as objects, so that machines which share a store exclude each other."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from adapters.storage.data_folder import file_name
from adapters.storage.s3.lock_object import LIFETIME, LockObject
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.uninterrupted import uninterrupted
from application.ports.clock import Clock
from application.ports.run_lock import RunLock
from domain.errors import PipelineError, RunLockedError

_RENEWED_EVERY = LIFETIME.total_seconds() / 4
_log = structlog.get_logger()


class S3RunLock(RunLock):
    """`_catalog/locks/<domain>.<target>.json`, beside a lock of the machine itself, held first.

    A holder that loses it harms nothing: the commit takes no rows of a version that it was not
    built on.

    Args:
        objects: the store.
        local: excludes the processes of this machine.
        machine: tells the name of the mirror that `local` guards.
        clock: waits between renewals.
    """

    def __init__(
        self, objects: S3Objects, local: RunLock, machine: Callable[[], str], clock: Clock
    ) -> None:
        self._objects = objects
        self._local = local
        self._machine = machine
        self._clock = clock

    def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
        """Hold the target for the length of the context."""
        return self._hold(domain, target)

    @asynccontextmanager
    async def _hold(self, domain: str, target: str) -> AsyncGenerator[None]:
        async with self._local.hold(domain, target):
            key = f"_catalog/locks/{domain}.{file_name(target)}.json"
            machine = await asyncio.to_thread(self._machine)
            lock = LockObject(self._objects, key, machine, self._clock.now())
            try:
                if not await uninterrupted(asyncio.to_thread(lock.take)):
                    raise RunLockedError(domain, target, lock.holder)
                renewing = asyncio.create_task(self._renew(lock, domain, target))
                try:
                    yield
                finally:
                    renewing.cancel()
                    await asyncio.wait([renewing])
            finally:
                await uninterrupted(asyncio.to_thread(self._release, lock))

    async def _renew(self, lock: LockObject, domain: str, target: str) -> None:
        while True:
            await self._clock.sleep(_RENEWED_EVERY)
            try:
                if not await uninterrupted(asyncio.to_thread(lock.renew)):
                    _log.warning("lock.lost", domain=domain, target=target, store="S3")
                    return
            except PipelineError as error:
                _log.debug("lock.store_failed", store="S3", reason=str(error))

    @staticmethod
    def _release(lock: LockObject) -> None:
        """Let the next one in; an object that cannot be removed is abandoned in a minute."""
        try:
            lock.release()
        except PipelineError as error:
            _log.debug("lock.release_failed", store="S3", reason=str(error))
