import asyncio

import pytest
from structlog.testing import capture_logs

from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from adapters.http.limits.rate_limiters import RateLimiters
from adapters.http.limits.redis_rate_limiter import RedisRateLimiter
from domain.errors import ConfigurationError
from domain.rate_limits import RateLimit
from tests.fakes.fake_clock import FakeClock

LIMITS = (RateLimit(3, 60.0),)
NOWHERE = "unix:///nowhere/redis.sock"


def test_without_limits_nobody_counts() -> None:
    """The lane then does without."""

    async def run() -> bool:
        async with RateLimiters(None, FakeClock()).limiter((), "https://a.test", "") as limiter:
            return limiter is None

    assert asyncio.run(run())


def test_a_second_run_of_the_process_goes_on_from_the_first() -> None:
    """Unless it is another key's or another upstream's."""

    async def run() -> list[bool]:
        limiters = RateLimiters(None, FakeClock())
        fits = []
        for base_url, partition in (
            ("https://a.test", "one"),
            ("https://a.test", "one"),
            ("https://a.test", "two"),
            ("https://b.test", "one"),
        ):
            async with limiters.limiter(LIMITS, base_url, partition) as limiter:
                assert isinstance(limiter, MemoryRateLimiter)
                fits.append(await limiter.admit(3) == 0)
        return fits

    assert asyncio.run(run()) == [True, False, True, True]


def test_a_dead_redis_is_one_warning_and_counted_in_memory() -> None:
    """And it is not asked again for half a minute."""

    async def run() -> list[bool]:
        limiters = RateLimiters(NOWHERE, FakeClock())
        async with limiters.limiter(LIMITS, "https://a.test", "") as limiter:
            assert isinstance(limiter, RedisRateLimiter)
            return [await limiter.admit(1) == 0 for _ in range(5)]

    with capture_logs() as logs:
        assert asyncio.run(run()) == [True, True, True, False, False]
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == [
        "limits.store_failed"
    ]


def test_an_address_that_is_none_is_said_to_be() -> None:
    """The operator must act."""

    async def run() -> None:
        async with RateLimiters("http://a.test", FakeClock()).limiter(LIMITS, "", ""):
            pass

    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        asyncio.run(run())
