"""Redis or the embedded store, decided once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from adapters.cache.fallback_response_cache import FallbackResponseCache, RemoteResponseCache
from application.ports.response_cache import ResponseCache
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import Opener, ResponseCacheContract, stored
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache


class FakeRemote(FakeResponseCache, RemoteResponseCache):
    """A remote store that is there or not."""

    def __init__(
        self,
        clock: FakeClock,
        entries: dict[str, dict[str, StoredResponse]] | None = None,
        *,
        there: bool,
    ) -> None:
        super().__init__(clock, entries)
        self.there = there
        self.pings = 0

    async def answers(self) -> bool:
        self.pings += 1
        await asyncio.sleep(0)
        return self.there


@pytest.mark.parametrize("there", [True, False])
class TestFallbackResponseCache(ResponseCacheContract):
    @pytest.fixture
    def opener(self, clock: FakeClock, there: bool) -> Opener:
        entries: dict[str, dict[str, StoredResponse]] = {}

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            remote = FakeRemote(clock, entries if there else {}, there=there)
            embedded = FakeResponseCache(clock, {} if there else entries)
            cache = FallbackResponseCache(remote, lambda: embedded)
            yield cache
            await cache.close()

        return opened


def test_f093_one_warning_and_the_embedded_store() -> None:
    """Many first users at once: one ping, one warning, one embedded store, all entries in it."""
    clock = FakeClock()
    remote, made = FakeRemote(clock, there=False), list[FakeResponseCache]()

    def embedded() -> ResponseCache:
        made.append(FakeResponseCache(clock))
        return made[-1]

    async def check() -> None:
        cache = FallbackResponseCache(remote, embedded)
        with capture_logs() as logs:
            async with asyncio.TaskGroup() as group:
                for n in range(20):
                    group.create_task(cache.put(f"key-{n}", stored(clock=clock)))
        await cache.close()

        assert [each["event"] for each in logs] == ["cache.redis_unavailable"]

    asyncio.run(check())
    assert 1 == remote.pings == len(made)
    assert len(made[0].entries) == 20
    assert made[0].closed
    assert remote.closed


def test_a_redis_that_answers_is_used_and_nothing_else_made() -> None:
    """The embedded store is not even opened."""
    clock = FakeClock()
    remote = FakeRemote(clock, there=True)

    async def check() -> None:
        cache = FallbackResponseCache(remote, lambda: pytest.fail("not needed"))
        await cache.put("a", stored(clock=clock))
        await cache.close()

    asyncio.run(check())
    assert list(remote.entries) == ["a"]


def test_closing_what_was_never_used_asks_nobody() -> None:
    """A store that no run needed is closed without a ping."""
    remote = FakeRemote(FakeClock(), there=False)
    asyncio.run(FallbackResponseCache(remote, lambda: pytest.fail("not needed")).close())

    assert remote.pings == 0
    assert remote.closed


def test_closing_before_the_first_use_opens_nothing() -> None:
    """Nor does a late look-up."""
    remote = FakeRemote(FakeClock(), there=False)

    async def check() -> None:
        cache = FallbackResponseCache(remote, lambda: pytest.fail("too late"))
        await cache.close()
        assert await cache.get_many(["a"]) == {}
        await cache.close()

    asyncio.run(check())
    assert remote.closed
    assert remote.pings == 0
