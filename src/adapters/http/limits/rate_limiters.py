"""Opens the limiters of runs."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from adapters.http.limits.rate_limiter import RateLimiter
from application.ports.clock import Clock
from domain.rate_limits import RateLimit

_PREFIX = "adp:limits:v1:"


class RateLimiters:
    """Counts in Redis where there is one, so that all processes share an upstream's limits.

    What was counted in memory outlives a run: the next one in this process goes on from it.

    Args:
        redis_url: of the Redis; None to count in memory. It is connected to on first use.
        clock: tells the time.
    """

    def __init__(self, redis_url: str | None, clock: Clock) -> None:
        self._redis_url = redis_url
        self._clock = clock
        self._in_memory: dict[str, RateLimiter] = {}

    @asynccontextmanager
    async def limiter(
        self, limits: Sequence[RateLimit], base_url: str, partition: str
    ) -> AsyncGenerator[RateLimiter | None]:
        """Keeps the limits of an upstream; None when it states none.

        Args:
            limits: known ones.
            base_url: of the upstream.
            partition: whose limits they are; nothing secret.

        Raises:
            ConfigurationError: not an address of a Redis.
        """
        if not limits:
            yield None
            return
        words = "\0".join((base_url, partition, *(f"{e.count}/{e.seconds}" for e in limits)))
        key = _PREFIX + hashlib.sha256(words.encode()).hexdigest()[:32]
        memory = self._in_memory.get(key)
        if memory is None:
            memory = self._in_memory[key] = MemoryRateLimiter(limits, self._clock)
        if self._redis_url is None:
            yield memory
            return
        from adapters.http.limits.redis_rate_limiter import RedisRateLimiter  # noqa: PLC0415

        shared = RedisRateLimiter(self._redis_url, key, limits, memory, self._clock)
        try:
            yield shared
        finally:
            await shared.close()
