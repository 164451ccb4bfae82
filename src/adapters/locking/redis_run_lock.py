"""Run locks in Redis, so that machines which share a data folder exclude each other."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockNotOwnedError, RedisError

from application.ports.clock import Clock
from application.ports.run_lock import RunLock
from domain.errors import ConfigurationError, RunLockedError

LIFETIME = 30.0
_RENEWED_EVERY = LIFETIME / 3
_TIMEOUT = 0.25
_AT_ONCE = 16  # commands under way: a hundred targets may be locked at the same moment
_FAULTS = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger()


class RedisRunLock(RunLock):
    """A key that expires unless its holder renews it, beside a lock of the machine itself.

    A Redis that is down or hangs costs one warning and a quarter of a second: the machine's own
    lock holds then, and between machines the commit decides, which takes no rows of a version
    that it was not built on.

    Args:
        client: of the Redis.
        local: excludes the processes of this machine; held first.
        scope: tells the data folder from all others, the same on each machine.
        clock: waits between renewals.
    """

    def __init__(
        self, client: Redis, local: RunLock, scope: Callable[[], Awaitable[str]], clock: Clock
    ) -> None:
        self._client = client
        self._local = local
        self._scope = scope
        self._clock = clock
        self._holders = 0
        self._asking = asyncio.Semaphore(_AT_ONCE)

    @classmethod
    def at(
        cls, url: str, local: RunLock, scope: Callable[[], Awaitable[str]], clock: Clock
    ) -> "RedisRunLock":
        """Locks at a `redis://`, `rediss://` or `unix://` address, connected to on first use.

        Raises:
            ConfigurationError: not such an address.
        """
        try:
            client = Redis.from_url(
                url,
                socket_timeout=_TIMEOUT,
                socket_connect_timeout=_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as exc:
            message = "REDIS_URL is not an address of a Redis: redis://host:6379/0 is one."
            raise ConfigurationError(message) from exc
        return cls(client, local, scope, clock)

    def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
        """Hold the target for the length of the context."""
        return self._hold(domain, target)

    @asynccontextmanager
    async def _hold(self, domain: str, target: str) -> AsyncGenerator[None]:
        async with self._local.hold(domain, target):
            name = f"run-lock:{await self._scope()}:{domain}:{target}"
            lock = Lock(self._client, name, timeout=LIFETIME, blocking=False, thread_local=False)
            renewing: asyncio.Task[None] | None = None
            self._holders += 1
            try:
                if await self._taken(lock, domain, target):
                    renewing = asyncio.create_task(self._renew(lock, domain, target))
                yield
            finally:
                if renewing is not None:
                    renewing.cancel()
                    await asyncio.wait([renewing])
                    await self._release(lock)
                self._holders -= 1
                if not self._holders:  # it would break what others have under way
                    await self._client.aclose()

    async def _taken(self, lock: Lock, domain: str, target: str) -> bool:
        """Whether the key is ours; False when Redis cannot be asked."""
        since = self._clock.now().isoformat(timespec="seconds")
        holder = f"process {os.getpid()} on {socket.gethostname()} since {since}"
        try:
            async with self._asking, asyncio.timeout(_TIMEOUT):
                if await lock.acquire(token=f"{holder} {secrets.token_hex(8)}"):
                    return True
                found = await self._client.get(lock.name)
        except _FAULTS as error:
            _log.warning("lock.store_failed", store="Redis", reason=type(error).__name__)
            return False
        words = found.decode(errors="replace") if isinstance(found, bytes) else ""
        raise RunLockedError(domain, target, words.rpartition(" ")[0] or "another machine")

    async def _renew(self, lock: Lock, domain: str, target: str) -> None:
        """Keep the key alive, and take it again if Redis has forgotten it."""
        while True:
            await self._clock.sleep(_RENEWED_EVERY)
            try:
                async with self._asking, asyncio.timeout(_TIMEOUT):
                    await self._renewed(lock)
            except LockNotOwnedError:
                _log.warning("lock.lost", domain=domain, target=target, store="Redis")
                return
            except _FAULTS as error:
                _log.debug("lock.store_failed", store="Redis", reason=type(error).__name__)

    async def _renewed(self, lock: Lock) -> None:
        token = lock.local.token
        try:
            await lock.extend(LIFETIME, replace_ttl=True)
        except LockNotOwnedError:
            if not await self._client.set(lock.name, token, nx=True, px=int(LIFETIME * 1000)):
                raise

    async def _release(self, lock: Lock) -> None:
        """Let the next one in; a key that cannot be deleted expires."""
        try:
            async with self._asking, asyncio.timeout(_TIMEOUT):
                await lock.release()
        except _FAULTS as error:
            _log.debug("lock.release_failed", store="Redis", reason=type(error).__name__)
