"""The whole HTTP stack, cache included, as the container builds it."""

import asyncio
from dataclasses import replace

import pytest

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from adapters.system.system_clock import SystemClock
from application.ports.fetchers import FetchOptions
from domain.errors import HostileError, MissingKeyError, PermanentError, RefusedError
from domain.requests import CacheMode, CachePolicy, Origin, Request, Trust
from domain.runs import FetchStatistics
from domain.sources import Source
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE
from tests.integration.hostile_server import HostileServer, hostile_server

KEPT = CachePolicy(CacheMode.KEEP, 3600)


def fetchers(
    server: HostileServer, *, open_data: bool = True, credentials: FakeCredentials | None = None
) -> HttpFetchers:
    allowed = (server.url.removeprefix("http://"),) if open_data else ()
    clock = SystemClock()
    return HttpFetchers(
        credentials=credentials or FakeCredentials(),
        cache=FakeResponseCache(clock),
        clock=clock,
        settings=HttpSettings(
            concurrency=8,
            allow_private=allowed,
            base_urls={"sample": server.url},
            user_agent="pipeline/1",
        ),
    )


def test_a_request_goes_once_to_the_upstream_and_then_to_the_cache() -> None:
    """With the key, the User-Agent, and right counts."""

    async def use() -> tuple[list[Origin], FetchStatistics, HostileServer]:
        async with (
            hostile_server() as server,
            fetchers(server).open(SAMPLE, FetchOptions()) as fetcher,
        ):
            request = Request(kind="thing", url="/ok", cache=KEPT)
            origins = [(await fetcher.fetch(request)).origin for _ in range(2)]
            return origins, fetcher.statistics(), server

    origins, statistics, server = asyncio.run(use())
    assert origins == [Origin.NETWORK, Origin.CACHE]
    assert (statistics.requests, statistics.cache_hits) == (1, 1)
    assert server.keys["/ok"] == ["key-1"]
    assert server.user_agents == {"pipeline/1"}


def test_a_page_that_refuses_the_key_is_refused() -> None:
    """After one renewal."""
    credentials = FakeCredentials(renewable=False)

    async def use() -> None:
        async with hostile_server() as server:
            opened = fetchers(server, credentials=credentials).open(SAMPLE, FetchOptions())
            async with opened as fetcher:
                with pytest.raises(RefusedError):
                    await fetcher.fetch(Request(kind="thing", url="/keyed"))

    asyncio.run(use())


@pytest.mark.parametrize("open_data", [True, False])
def test_an_address_found_in_data_goes_by_the_guarded_client(open_data: bool) -> None:
    """Without a key; and not at all where the host is private and not opened."""

    async def use() -> HostileServer:
        async with hostile_server() as server:
            opened = fetchers(server, open_data=open_data).open(SAMPLE, FetchOptions())
            async with opened as fetcher:
                request = Request(kind="m", url=f"{server.url}/ok", trust=Trust.UNTRUSTED)
                if open_data:
                    await fetcher.fetch(request)
                else:
                    with pytest.raises((HostileError, PermanentError)):
                        await fetcher.fetch(request)
            return server

    server = asyncio.run(use())
    assert server.keys == ({"/ok": [None]} if open_data else {})


def test_a_missing_key_is_said_when_the_fetcher_is_opened() -> None:
    """Before any request."""
    credentials = FakeCredentials()
    credentials.failure = MissingKeyError("sample", "SAMPLE_KEY", "https://sample.invalid/keys")

    async def use() -> None:
        async with hostile_server() as server:
            opened = fetchers(server, credentials=credentials).open(SAMPLE, FetchOptions())
            with pytest.raises(MissingKeyError):
                await opened.__aenter__()

    asyncio.run(use())


def test_the_policy_s_own_words_for_slower_reach_the_wire() -> None:
    """A status that the source names is a reason to wait, not an answer."""
    policy = replace(SAMPLE.policy, throttled_statuses=frozenset({404}))
    source: Source = replace(SAMPLE, policy=policy)

    async def use() -> int:
        async with hostile_server() as server:
            async with fetchers(server).open(source, FetchOptions(concurrency=2)) as fetcher:
                with pytest.raises(Exception, match="fewer requests"):
                    await fetcher.fetch(Request(kind="thing", url="/gone"))
            return server.asked["/gone"]

    assert asyncio.run(use()) == 3
