"""Commands to a Redis that may be down, slow or full."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.cache.store_breaker import StoreBreaker
from application.ports.clock import Clock
from domain.errors import StorageError

_ANSWERS_WITHIN = 0.5
_FAULTS = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger()


class GuardedRedis:
    """Each command is tried once, for a quarter of a second.

    Three failures in a row and nobody waits for this Redis any more: from then on a PING in the
    background, which holds nobody up, finds out when it is back.

    Args:
        store: its place in words, for messages.
        seconds: longest wait for the answer to one command.
    """

    def __init__(self, client: Redis, clock: Clock, store: str, seconds: float) -> None:
        self.client = client
        self.store = store
        self._seconds = seconds
        self._breaker = StoreBreaker(store, clock)
        self._looking: asyncio.Task[None] | None = None

    async def answers(self) -> bool:
        """Redis answers within half a second."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                return bool(await self.client.ping())
        except _FAULTS as error:
            _log.debug("cache.ping_failed", store=self.store, reason=type(error).__name__)
            return False

    async def tried[T](self, command: Callable[[], Awaitable[T]]) -> T | None:
        """The command's answer; None when Redis is off, slow or refuses."""
        if self._breaker.is_off:
            self._look_again()
            return None
        return await self._tried(command)

    async def asked[T](self, command: Awaitable[T]) -> T:
        """The command's answer, however long the client itself waits for it.

        Raises:
            StorageError: there is none.
        """
        try:
            return await command
        except _FAULTS as exc:
            message = f"{self.store} does not answer: {type(exc).__name__}."
            raise StorageError(message) from exc

    async def close(self) -> None:
        """Close the connections."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait((self._looking,))
        await self.client.aclose()

    def _look_again(self) -> None:
        if (self._looking is None or self._looking.done()) and self._breaker.allows():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        await self._tried(self.client.ping)

    async def _tried[T](self, command: Callable[[], Awaitable[T]]) -> T | None:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await command()
        except _FAULTS as error:
            self._breaker.failed(error)
            return None
        except asyncio.CancelledError:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return answer
