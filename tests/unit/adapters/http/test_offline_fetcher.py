"""Offline, the cache alone answers."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from adapters.http.caching_fetcher import CachingFetcher
from adapters.http.fetch_counters import FetchCounters
from adapters.http.offline_fetcher import OfflineFetcher
from adapters.http.private_cache import PrivateCache
from adapters.http.stored_answers import StoredAnswers
from adapters.http.wire import WireRequest, WireResponse
from application.ports.fetcher import Fetched
from domain.errors import NotCachedError, PermanentError
from domain.headers import Headers
from domain.requests import CacheMode, CachePolicy, Origin, Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_wire import Answer, FakeWire
from tests.fakes.sample_source import SAMPLE

BASE = "https://sample.invalid"


class Room:
    """A store that a run online has filled."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeResponseCache(self.clock)
        self.wire = FakeWire(script=self._answer)
        self.counters = FetchCounters()

    def _answer(self, request: WireRequest) -> Answer:
        at = self.clock.now().timestamp()
        status = 404 if request.url.endswith("gone") else 200
        control = "no-store" if request.url.endswith("secret") else "max-age=60"
        headers = Headers([("cache-control", control)])
        return WireResponse(status, headers, b'{"a": 1}', at, at, request.url)

    def online(self, partition: str = "mine") -> CachingFetcher:
        answers = StoredAnswers(cache=self.store, source="sample", partition=partition)
        return CachingFetcher(
            cache=PrivateCache(
                wire=self.wire, answers=answers, clock=self.clock, partition=partition
            ),
            source=SAMPLE,
            base_url=BASE,
            counters=FetchCounters(),
            clock=self.clock,
            concurrency=4,
        )

    def offline(self, partition: str = "mine") -> OfflineFetcher:
        return OfflineFetcher(
            answers=StoredAnswers(cache=self.store, source="sample", partition=partition),
            clock=self.clock,
            source=SAMPLE,
            base_url=BASE,
            partition=partition,
            counters=self.counters,
        )


def request(name: str, trust: Trust = Trust.UNTRUSTED) -> Request:
    """An item's document."""
    url = f"https://data.test/{name}" if trust is Trust.UNTRUSTED else f"/{name}"
    return Request(kind="detail", url=url, trust=trust)


async def outcomes(room: Room, *names: str) -> list[Fetched]:
    """What is there of some documents."""
    async with aclosing(room.offline().fetch_many([request(name) for name in names])) as found:
        return [each async for each in found]


def test_an_answer_of_any_age_will_do() -> None:
    """An old document is better than none, and it says how old it is."""

    async def story(room: Room) -> list[Fetched]:
        stored = await room.online().fetch(request("one"))
        room.clock.advance(3600)
        found = await outcomes(room, "one", "two")
        assert getattr(found[0].outcome, "fetched_at", None) == stored.fetched_at
        return found

    room = Room()
    one, two = asyncio.run(story(room))
    assert getattr(one.outcome, "origin", None) is Origin.STALE
    assert isinstance(two.outcome, NotCachedError)
    assert two.outcome.url == "https://data.test/two"
    assert len(room.wire.sent) == 1
    assert room.counters.cache_hits == 1


def test_what_is_missing_is_an_error_that_names_it() -> None:
    """Without its secrets."""
    room = Room()
    asked = Request(kind="page", url="https://data.test/x?api_key=canary", trust=Trust.UNTRUSTED)
    with pytest.raises(NotCachedError, match="not in the cache") as caught:
        asyncio.run(room.offline().fetch(asked))

    assert "canary" not in str(caught.value)
    assert not room.wire.sent


def test_a_stored_error_is_that_error() -> None:
    """A document that is known to be gone."""

    async def story(room: Room) -> None:
        with pytest.raises(PermanentError, match="404"):
            await room.online().fetch(request("gone"))
        with pytest.raises(PermanentError, match="404"):
            await room.offline().fetch(request("gone"))

    room = Room()
    asyncio.run(story(room))
    assert len(room.wire.sent) == 1


def test_what_may_not_be_stored_is_not_there() -> None:
    """`no-store` is kept to."""

    async def story(room: Room) -> None:
        await room.online().fetch(request("secret"))
        await room.offline().fetch(request("secret"))

    with pytest.raises(NotCachedError):
        asyncio.run(story(Room()))


def test_answers_to_another_key_are_not_there() -> None:
    """The partition counts for the source's own origin."""

    async def story(room: Room) -> None:
        page = request("page", Trust.SOURCE)
        await room.online("other").fetch(page)
        await room.offline("mine").fetch(page)

    with pytest.raises(NotCachedError):
        asyncio.run(story(Room()))


def test_pages_that_are_asked_anew_each_time_are_there() -> None:
    """A list that is never fresh is kept for this alone, whatever its upstream says of keeping."""

    async def story(room: Room) -> None:
        page = replace(request("secret"), cache=CachePolicy(CacheMode.REFRESH))
        for _ in range(2):
            await room.online().fetch(page)
        await room.offline().fetch(page)

    room = Room()
    asyncio.run(story(room))
    assert len(room.wire.sent) == 2
