"""Stated limits, counted in Redis by several processes together."""

import asyncio
import math
from collections.abc import Awaitable, Sequence
from inspect import isawaitable

import structlog
from pyrate_limiter import RateItem
from pyrate_limiter.buckets.redis_bucket import RedisBucket
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from adapters.http.limits.bucket_rates import bucket_rates, seconds_left
from adapters.http.limits.rate_limiter import RateLimiter
from application.ports.clock import Clock
from domain.circuit_breaker import STRIKES, BreakerPolicy, Circuit, CircuitBreaker
from domain.errors import ConfigurationError
from domain.rate_limits import RateLimit

_TIMEOUT = 0.25
_TIDY_EVERY = 30.0
_PATIENCE = BreakerPolicy(
    strikes=STRIKES, first_pause=30.0, longest_pause=600.0, openings=2**31, recovery=1
)
_FAULTS = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger()


class RedisRateLimiter(RateLimiter):
    """pyrate-limiter's sliding window log in a sorted set: one script call a request.

    Everything is counted in memory as well. A Redis that is down or hangs costs one warning and
    a quarter of a second now and then; until it is back, this process keeps the limits by itself.

    Args:
        url: of the Redis; connected to on first use.
        key: of the set; the same for all that share an upstream's limits.
        limits: at least one.
        memory: counts what this process sends.
        clock: its wall time is what the processes compare.

    Raises:
        ConfigurationError: not an address of a Redis.
    """

    def __init__(
        self,
        url: str,
        key: str,
        limits: Sequence[RateLimit],
        memory: RateLimiter,
        clock: Clock,
    ) -> None:
        self._client = _client(url)
        self._key = key
        self._rates = bucket_rates(limits)
        self._clock = clock
        self._memory = memory
        self._bucket: RedisBucket | None = None
        self._breaker = CircuitBreaker(_PATIENCE)
        self._warned = False
        self._tidied_at = -math.inf

    async def admit(self, weight: int) -> float:
        """By what all processes sent; by what this one sent while Redis fails."""
        shared = await self._shared(weight)
        if shared is None:
            return await self._memory.admit(weight)
        if shared == 0:
            await self._memory.admit(weight)
        return shared

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _shared(self, weight: int) -> float | None:
        """Seconds to wait by what Redis knows; None while it is not to be asked."""
        now = self._clock.monotonic()
        if self._breaker.circuit is Circuit.OPEN:
            if self._breaker.delay(now) > 0:
                return None
            self._breaker = self._breaker.probing()
        try:
            async with asyncio.timeout(_TIMEOUT):
                wait = await self._asked(weight)
        except _FAULTS as error:
            self._breaker = self._breaker.probe_failed(now).failed(now)
            log = _log.debug if self._warned else _log.warning
            self._warned = True
            log("limits.store_failed", store="Redis", reason=type(error).__name__)
            return None
        except asyncio.CancelledError:
            self._breaker = self._breaker.abandoned()
            raise
        if not self._breaker.untroubled:
            self._breaker = self._breaker.answered()
            self._warned = False
            _log.info("limits.store_recovered", store="Redis")
        return wait

    async def _asked(self, weight: int) -> float:
        now = int(self._clock.timestamp() * 1000)
        item = RateItem("", now, min(weight, self._rates[0].limit))
        try:
            bucket = self._bucket or await self._loaded()
            await _awaited(bucket.put(item))
        except NoScriptError:  # Redis was restarted, or its scripts were flushed
            bucket = await self._loaded()
            await _awaited(bucket.put(item))
        wait = seconds_left(bucket, item)
        if self._clock.monotonic() - self._tidied_at >= _TIDY_EVERY:
            await self._tidy(bucket, now)
        return wait

    async def _loaded(self) -> RedisBucket:
        bucket: RedisBucket = await _awaited(RedisBucket.init(self._rates, self._client, self._key))
        self._bucket = bucket
        return bucket

    async def _tidy(self, bucket: RedisBucket, now: int) -> None:
        """Drop what no window counts any more; the set outlives its last window only briefly."""
        await _awaited(bucket.leak(now))
        await self._client.pexpire(self._key, 2 * self._rates[-1].interval + 60_000)
        self._tidied_at = self._clock.monotonic()


async def _awaited[T](value: T | Awaitable[T]) -> T:
    """What pyrate-limiter returns, whether its client is asynchronous or not."""
    return await value if isawaitable(value) else value


def _client(url: str) -> Redis:
    """A client that tries each command once."""
    try:
        return Redis.from_url(
            url,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as exc:
        message = "REDIS_URL is not an address of a Redis: redis://host:6379/0 is one."
        raise ConfigurationError(message) from exc
