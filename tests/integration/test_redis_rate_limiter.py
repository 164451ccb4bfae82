"""Limits that several processes share, against a real redis-server and its outages."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from adapters.http.limits.redis_rate_limiter import RedisRateLimiter
from domain.rate_limits import RateLimit
from tests.fakes.fake_clock import FakeClock
from tests.support.redis_server import RedisServer, folder

__all__ = ["folder"]  # the fixture
pytestmark = pytest.mark.external_service

LIMITS = (RateLimit(5, 60.0), RateLimit(8, 3600.0))
KEY = "adp:limits:v1:test"


class Two:
    """Two processes' limiters of one upstream, by one clock."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.clock = FakeClock()
        self.first, self.second = (
            RedisRateLimiter(
                server.url, KEY, LIMITS, MemoryRateLimiter(LIMITS, self.clock), self.clock
            )
            for _ in range(2)
        )

    async def admitted(self, *weights: int) -> list[float]:
        """Seconds to wait, the two taking turns."""
        return [
            await (self.second if number % 2 else self.first).admit(weight)
            for number, weight in enumerate(weights)
        ]


def with_two[T](folder: Path, use: Callable[[Two], Awaitable[T]]) -> T:
    async def run() -> T:
        server = RedisServer(folder)
        two = Two(server)
        try:
            return await use(two)
        finally:
            server.go_on()
            await two.first.close()
            await two.second.close()
            server.kill()

    return asyncio.run(run())


def test_processes_share_a_limit(folder: Path) -> None:
    """Five a minute are five for both; then both wait as long; the hour counts on."""

    async def use(two: Two) -> None:
        assert await two.admitted(1, 1, 1, 1, 1) == [0.0] * 5
        assert await two.admitted(1, 1) == pytest.approx([60.0, 60.0], abs=0.01)
        two.clock.advance(60.01)
        assert await two.admitted(1, 1, 1) == [0.0] * 3
        assert await two.admitted(1, 1) == pytest.approx([3539.99, 3539.99], abs=0.05)

    with_two(folder, use)


def test_weights_count(folder: Path) -> None:
    """Four and two do not fit into five; one of fifty counts as five."""

    async def use(two: Two) -> list[float]:
        return await two.admitted(4, 2, 50)

    assert with_two(folder, use) == pytest.approx([0.0, 60.0, 60.0], abs=0.01)


def test_a_flushed_script_is_loaded_again(folder: Path) -> None:
    """As after a restart of Redis."""

    async def use(two: Two) -> list[float]:
        await two.admitted(1, 1)
        client = Redis.from_url(two.server.url)
        await client.script_flush()
        await client.aclose()
        return await two.admitted(1, 1)

    with capture_logs() as logs:
        assert with_two(folder, use) == [0.0, 0.0]
    assert logs == []


def test_the_set_expires_when_nobody_asks_any_more(folder: Path) -> None:
    """And holds no more than its longest window."""

    async def use(two: Two) -> tuple[int, int]:
        for _ in range(4):
            two.clock.advance(3600.01)
            assert await two.admitted(1, 1, 1, 1, 1) == [0.0] * 5
        client = Redis.from_url(two.server.url)
        kept, left = await client.zcard(KEY), await client.pttl(KEY)
        await client.aclose()
        return kept, left

    kept, left = with_two(folder, use)
    assert kept <= 10
    assert 3600_000 < left <= 7_260_000


def test_a_redis_that_hangs_costs_one_warning_and_comes_back(folder: Path) -> None:
    """Each process keeps the limits by itself meanwhile, from what it sent before."""

    async def use(two: Two) -> None:
        assert await two.first.admit(3) == 0.0
        two.server.stop_answering()
        assert await two.first.admit(2) == 0.0
        assert await two.first.admit(1) == pytest.approx(60.0, abs=0.01)
        two.server.go_on()
        two.clock.advance(31.0)
        assert await two.second.admit(3) == pytest.approx(29.0, abs=0.01)
        assert await two.first.admit(3) == pytest.approx(29.0, abs=0.01)

    with capture_logs() as logs:
        with_two(folder, use)
    events = [each["event"] for each in logs if each["log_level"] in ("warning", "info")]
    assert events == ["limits.store_failed", "limits.store_recovered"]
