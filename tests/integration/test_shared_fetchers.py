"""Runs of one command share connections, limits and places, and count for themselves."""

import asyncio
from dataclasses import replace

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from application.ports.clock import Clock
from application.ports.fetchers import FetchOptions
from domain.rate_limits import RateLimit
from domain.requests import CacheMode, CachePolicy, Request
from domain.runs import FetchStatistics
from domain.sources import Source
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE
from tests.support.counting_server import CountingServer, Reply, counting_server

OFF = CachePolicy(CacheMode.OFF)


def fetchers(server: CountingServer, clock: Clock) -> HttpFetchers:
    return HttpFetchers(
        credentials=FakeCredentials(),
        cache=FakeResponseCache(clock),
        clock=clock,
        settings=HttpSettings(
            concurrency=8, base_urls={"sample": server.url}, user_agent="pipeline/1"
        ),
    )


async def ask(opened: HttpFetchers, source: Source, *paths: str) -> FetchStatistics:
    async with opened.open(source, FetchOptions()) as fetcher:
        requests = [Request(kind="thing", url=path, cache=OFF) for path in paths]
        async for _ in fetcher.fetch_many(requests):
            pass
        return fetcher.statistics()


def test_each_run_counts_for_itself() -> None:
    """Also those that fetch at the same time, over the same connections."""

    async def story() -> tuple[list[int], int]:
        async with counting_server(lambda *_: Reply()) as server:
            opened = fetchers(server, FakeClock())
            async with opened.shared():
                both = await asyncio.gather(
                    ask(opened, SAMPLE, "/a", "/b", "/c"), ask(opened, SAMPLE, "/d")
                )
                last = await ask(opened, SAMPLE, "/e", "/f")
            return [each.requests for each in (*both, last)], server.asked.total()

    assert asyncio.run(story()) == ([3, 1, 2], 6)


def test_connections_outlive_a_run_as_long_as_they_are_shared() -> None:
    """One after another asks over the same one; alone, each has its own."""

    async def story() -> list[int]:
        async with counting_server(lambda *_: Reply()) as server:
            opened = fetchers(server, FakeClock())
            counts = []
            async with opened.shared():
                for path in ("/a", "/b", "/c"):
                    await ask(opened, SAMPLE, path)
                counts.append(server.connections)
            for path in ("/d", "/e"):
                await ask(opened, SAMPLE, path)
            return [*counts, server.connections]

    assert asyncio.run(story()) == [1, 3]


def test_requests_in_flight_are_counted_over_all_runs() -> None:
    """No more of them at the upstream than the source allows, however many runs there are."""
    source = replace(SAMPLE, policy=replace(SAMPLE.policy, concurrency=2))

    async def story() -> tuple[int, int]:
        gate = asyncio.Event()
        async with counting_server(lambda *_: Reply(gate=gate)) as server:
            opened = fetchers(server, FakeClock())
            async with opened.shared():
                runs = [
                    asyncio.create_task(ask(opened, source, f"/{n}", f"/{n}/more"))
                    for n in range(4)
                ]
                while server.under_way < 2:  # noqa: ASYNC110  # the server tells nobody
                    await asyncio.sleep(0)
                for _ in range(1_000):  # whoever else may come, comes meanwhile
                    await asyncio.sleep(0)
                gate.set()
                await asyncio.gather(*runs)
            return server.most_at_once, server.asked.total()

    assert asyncio.run(story()) == (2, 8)


def test_stated_limits_hold_over_all_runs() -> None:
    """The fourth request of a minute waits, whichever run sends it."""
    policy = replace(SAMPLE.policy, limits=(RateLimit(3, 60.0),))
    source = replace(SAMPLE, policy=policy)

    async def story() -> tuple[float, float]:
        clock = FakeClock()
        async with counting_server(lambda *_: Reply()) as server:
            opened = fetchers(server, clock)
            began = clock.monotonic()
            async with opened.shared():
                first = await ask(opened, source, "/a", "/b")
                second = await ask(opened, source, "/c", "/d")
            return clock.monotonic() - began, first.waited + second.waited

    elapsed, waited = asyncio.run(story())
    assert elapsed >= 60
    assert waited >= 60
