"""The fetcher that asks the store first."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from adapters.http.caching_fetcher import CachingFetcher
from adapters.http.fetch_counters import FetchCounters
from adapters.http.judging_wire import JudgingWire
from adapters.http.private_cache import PrivateCache
from adapters.http.stored_answers import StoredAnswers
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.fetcher import Fetched
from domain.errors import (
    ConfigurationError,
    FetchError,
    HostileError,
    PermanentError,
    RefusedError,
    RetryableError,
    ThrottledError,
)
from domain.http_caching.storing import FOREVER
from domain.requests import CacheMode, CachePolicy, Origin, Request, Response, Trust
from domain.sources import Page, Source, SourcePolicy
from tests.contracts.fetcher_contract import GOOD, REFUSED, FetcherContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_wire import Answer, FakeWire, wire_response

CLOCK = FakeClock()
NOW = CLOCK.now().timestamp()
MINUTE = ("cache-control", "max-age=60")
TAG = ("etag", '"1"')


@dataclass
class Room:
    """A fetcher and all that it talks to."""

    wire: FakeWire
    policy: CachePolicy = field(default_factory=CachePolicy)
    refresh: bool = False
    judged: bool = False
    concurrency: int = 4
    partition: str = "one"
    clock: FakeClock = field(default_factory=FakeClock)
    counters: FetchCounters = field(default_factory=FetchCounters)
    cache: FakeResponseCache = field(init=False)

    def __post_init__(self) -> None:
        self.cache = FakeResponseCache(self.clock)

    def fetcher(self) -> CachingFetcher:
        """A fetcher for one event loop."""
        source = Source(
            name="opensea",
            domain="nft",
            title="",
            example_target="",
            tables=(),
            policy=SourcePolicy(base_url="unused", cache=self.policy),
            check_target=str,
            start=lambda _target, _window, _options: (),
            parse=lambda _request, _response: Page(),
            failed=lambda _request, _error: Page(),
        )
        answers = StoredAnswers(cache=self.cache, source=source.name, partition=self.partition)
        cache = PrivateCache(
            wire=self._judged() if self.judged else self.wire,
            answers=answers,
            clock=self.clock,
            partition=self.partition,
            refresh=self.refresh,
        )
        return CachingFetcher(
            cache=cache,
            source=source,
            base_url="https://api.example/v2",
            counters=self.counters,
            clock=self.clock,
            concurrency=self.concurrency,
        )

    def _judged(self) -> Wire:
        return JudgingWire(wire=self.wire, throttled_statuses=frozenset())

    def fetch(self, request: Request) -> Response:
        """One request."""

        async def fetched() -> Response:
            return await self.fetcher().fetch(request)

        return asyncio.run(fetched())

    def fetch_many(self, requests: Sequence[Request]) -> list[Fetched]:
        """One batch."""

        async def fetched() -> list[Fetched]:
            async with aclosing(self.fetcher().fetch_many(requests)) as outcomes:
                return [each async for each in outcomes]

        return asyncio.run(fetched())


def page(url: str = "/collection", **options: object) -> Request:
    return Request(kind="page", url=url, **options)  # type: ignore[arg-type]  # any field by name


def document(url: str = "https://meta.example/1", **options: object) -> Request:
    return page(url, trust=Trust.UNTRUSTED, **options)


def ok(body: bytes = b"{}", *fields: tuple[str, str], status: int = 200) -> WireResponse:
    return wire_response(status, body, at=NOW, headers=fields)


class TestCachingFetcher(FetcherContract):
    """The contract, over a scripted wire."""

    def fetcher(self) -> CachingFetcher:
        def script(request: WireRequest) -> WireResponse:
            if request.url.startswith(GOOD):
                return ok(b'{"a": 1}')
            return ok(b"", status=401 if request.url.endswith(REFUSED) else 404)

        return Room(FakeWire(script=script)).fetcher()


def test_a_fresh_answer_is_not_asked_for_again() -> None:
    """The second request is answered from the store, with the time of the first."""
    room = Room(FakeWire(ok(b"one", MINUTE)))
    first = room.fetch(page())
    room.clock.advance(59)
    second = room.fetch(page())

    assert (first.origin, second.origin) == (Origin.NETWORK, Origin.CACHE)
    assert second.body == b"one"
    assert second.fetched_at == first.fetched_at == FakeClock().now()
    assert len(room.wire.sent) == 1
    assert (room.counters.cache_hits, room.counters.revalidated) == (1, 0)


def test_4_3_a_stale_answer_is_revalidated() -> None:
    """Both validators go along; the 304 makes the stored body current, its own time unchanged."""
    modified = ("last-modified", "Thu, 01 Jan 2026 03:04:05 GMT")
    room = Room(FakeWire(ok(b"one", MINUTE, TAG, modified), ok(b"", MINUTE, status=304)))
    first = room.fetch(page())
    room.clock.advance(61)
    second = room.fetch(page())

    assert room.wire.sent[1].headers == (
        ("if-none-match", '"1"'),
        ("if-modified-since", modified[1]),
    )
    assert (second.origin, second.status, second.body) == (Origin.REVALIDATED, 200, b"one")
    assert second.fetched_at == first.fetched_at
    assert (room.counters.cache_hits, room.counters.revalidated) == (0, 1)


def test_4_3_4_a_304_makes_the_entry_fresh_again() -> None:
    """After a revalidation the store answers alone again."""
    room = Room(FakeWire(ok(b"one", MINUTE, TAG)))
    room.fetch(page())
    room.clock.advance(61)
    later = NOW + 61
    room.wire = FakeWire(wire_response(304, b"", at=later, headers=[MINUTE]))
    room.fetch(page())
    room.clock.advance(59)

    assert room.fetch(page()).origin is Origin.CACHE


def test_4_3_3_a_new_answer_replaces_the_stale_one() -> None:
    """A 200 to a conditional request is the current answer."""
    room = Room(FakeWire(ok(b"one", TAG), ok(b"two", MINUTE)))
    room.fetch(page())

    assert room.fetch(page()).body == b"two"
    assert room.fetch(page()).origin is Origin.CACHE


@pytest.mark.parametrize("status", [200, 204])
def test_an_answer_that_must_not_be_stored_replaces_nothing_silently(status: int) -> None:
    """A newer success that says no-store takes the older entry with it."""
    room = Room(FakeWire(ok(b"one", TAG), ok(b"", ("cache-control", "no-store"), status=status)))
    room.fetch(page())
    room.fetch(page())

    assert room.cache.entries == {}


def test_f063_a_304_without_a_stored_body_is_asked_again_without_validators() -> None:
    """An upstream that answers 304 to a plain question is asked once more, then believed."""
    room = Room(FakeWire(ok(b"", status=304), ok(b"one")))
    assert room.fetch(page()).body == b"one"
    assert [each.headers for each in room.wire.sent] == [(), ()]

    stubborn = Room(FakeWire(ok(b"", status=304)))
    with pytest.raises(PermanentError, match="304"):
        stubborn.fetch(page())


def test_f064_a_304_with_another_tag_is_asked_again_without_validators() -> None:
    """It does not speak of what is stored."""
    room = Room(FakeWire(ok(b"one", TAG), ok(b"", ("etag", '"2"'), status=304), ok(b"two")))
    room.fetch(page())

    assert room.fetch(page()).body == b"two"
    assert room.wire.sent[2].headers == ()


@pytest.mark.parametrize("error", [RetryableError("503"), ThrottledError("429")])
def test_rfc5861_a_stale_answer_stands_in_for_an_error(error: FetchError) -> None:
    """Where the origin allows it, with a warning; validators or not."""
    room = Room(FakeWire(ok(b"one", ("cache-control", "max-age=1, stale-if-error=60")), error))
    room.fetch(page())
    room.clock.advance(30)
    with capture_logs() as logs:
        response = room.fetch(page())

    assert (response.origin, response.body) == (Origin.STALE, b"one")
    assert "cache.stale_served" in [each["event"] for each in logs]
    room.clock.advance(60)
    with pytest.raises(RetryableError):
        room.fetch(page())


def test_5_2_2_2_must_revalidate_lets_the_error_through() -> None:
    """Stale answers that are forbidden are not served, whatever fails."""
    fields = ("cache-control", "max-age=1, must-revalidate, stale-if-error=60")
    room = Room(FakeWire(ok(b"one", fields, TAG), RetryableError("503")))
    room.fetch(page())
    room.clock.advance(2)
    with pytest.raises(RetryableError):
        room.fetch(page())


@pytest.mark.parametrize(
    ("answer", "trust", "expected", "reason"),
    [
        (ok(b'{"errors": ["No x"]}', status=404), Trust.SOURCE, PermanentError, "HTTP 404: No x"),
        (ok(b'{"detail": "gone"}', status=410), Trust.UNTRUSTED, PermanentError, "HTTP 410: gone"),
        (ok(b'{"message": "no key"}', status=401), Trust.SOURCE, RefusedError, "HTTP 401: no key"),
        (ok(b"forbidden", status=403), Trust.SOURCE, RefusedError, "HTTP 403: forbidden"),
        (ok(b"forbidden", status=403), Trust.UNTRUSTED, PermanentError, "HTTP 403: forbidden"),
        (ok(b"", status=302), Trust.SOURCE, PermanentError, "HTTP 302"),
        (ok(b"", status=101), Trust.SOURCE, PermanentError, "HTTP 101"),
        (ok(b"", status=501), Trust.SOURCE, PermanentError, "HTTP 501"),
    ],
)  # fmt: skip
def test_final_statuses_become_errors(
    answer: WireResponse, trust: Trust, expected: type[FetchError], reason: str
) -> None:
    """Each status outside 2xx is one error class, with what the answer says."""
    request = page() if trust is Trust.SOURCE else document()
    with pytest.raises(FetchError) as raised:
        Room(FakeWire(answer)).fetch(request)

    assert type(raised.value) is expected
    assert (raised.value.reason, raised.value.status) == (reason, answer.status)


def test_f059_a_stored_404_is_not_asked_for_again() -> None:
    """A failure that may be cached is an outcome from the store."""
    room = Room(FakeWire(ok(b"gone", ("cache-control", "max-age=60"), status=404)))
    (first,) = room.fetch_many([document()])
    (second,) = room.fetch_many([document()])

    assert isinstance(first.outcome, PermanentError)
    assert isinstance(second.outcome, PermanentError)
    assert second.outcome.reason == "HTTP 404: gone"
    assert len(room.wire.sent) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_refusals_are_not_stored(status: int) -> None:
    """Another key may be welcome a moment later."""
    room = Room(FakeWire(ok(b"", MINUTE, status=status)))
    for _ in range(2):
        with pytest.raises(RefusedError):
            room.fetch(page())

    assert room.cache.entries == {}


def test_f059_a_404_without_freshness_is_remembered_for_a_day() -> None:
    """Of documents found in data; a source's own 404 goes by its header fields alone."""
    room = Room(FakeWire(ok(b"", status=404)))
    for after in (0, 86_399, 1):
        room.clock.advance(after)
        room.fetch_many([document()])
    assert len(room.wire.sent) == 2

    own = Room(FakeWire(ok(b"", status=404)))
    for _ in range(2):
        own.fetch_many([page()])
    assert len(own.wire.sent) == 2


def test_f059_header_fields_say_more_than_the_default() -> None:
    """A 410 that gives its own lifetime keeps to it; one that says no-store is not kept."""
    for fields, sent in ((MINUTE, 2), (("cache-control", "no-store"), 3)):
        room = Room(FakeWire(ok(b"", fields, status=410)))
        for after in (0, 59, 1):
            room.clock.advance(after)
            room.fetch_many([document()])
        assert len(room.wire.sent) == sent


@pytest.mark.parametrize("policy", [CachePolicy(), CachePolicy(CacheMode.IMMUTABLE)])
def test_f060_a_web_page_in_place_of_data_is_retryable_and_never_stored(
    policy: CachePolicy,
) -> None:
    """A challenge page with 200 and max-age is a failure of the moment, in any mode."""
    html = ok(b"<!DOCTYPE html><title>Just a moment", ("content-type", "text/html"), MINUTE)
    room = Room(FakeWire(html), policy=policy, judged=True)
    with pytest.raises(RetryableError, match="not_json"):
        room.fetch(document(accept="application/json, */*;q=0.1"))
    assert room.cache.entries == {}

    asked_for = Room(FakeWire(html), judged=True)
    asked_for.fetch(document(accept="text/html"))
    assert len(asked_for.cache.entries) == 1


@pytest.mark.parametrize("status", [200, 204, 206])
def test_f062_what_is_not_the_whole_answer_is_retryable_and_never_stored(status: int) -> None:
    """Nothing at all, or a part that nobody asked for."""
    body = b"part" if status == 206 else b""
    room = Room(FakeWire(ok(body, MINUTE, status=status)), judged=True)
    with pytest.raises(RetryableError):
        room.fetch(document())
    assert room.cache.entries == {}


def test_f049_identical_addresses_are_fetched_once() -> None:
    """Hundreds of times the same document in one batch: one request, one outcome each."""
    room = Room(FakeWire(ok(b"one")))
    outcomes = room.fetch_many([document() for _ in range(800)])

    assert len(room.wire.sent) == 1
    assert [each.outcome for each in outcomes] == [outcomes[0].outcome] * 800
    assert room.counters.cache_hits == 799


def test_f049_identical_addresses_that_fail_are_asked_once() -> None:
    """A dying upstream is not asked once more by each who wanted the same."""
    room = Room(FakeWire(RetryableError("broken")))
    outcomes = room.fetch_many([document() for _ in range(300)])

    assert len(room.wire.sent) == 1
    assert len(outcomes) == 300


def test_answers_that_must_not_be_shared_are_asked_for_by_each_at_once() -> None:
    """no-store: everybody asks, side by side, within the batch's bound."""
    room = Room(FakeWire(ok(b"one", ("cache-control", "no-store"))), concurrency=10)
    outcomes = room.fetch_many([document() for _ in range(50)])

    assert len(outcomes) == len(room.wire.sent) == 50
    assert room.wire.most_in_flight == 10


def test_batches_at_the_same_time_share_one_exchange() -> None:
    """What one batch is asking for, another one waits for; later ones find it stored."""
    room = Room(FakeWire(ok(b"one", MINUTE)), concurrency=2)
    requests = [document(f"https://m.example/{n}") for n in range(20)]

    async def consumed(fetcher: CachingFetcher, order: Sequence[Request]) -> int:
        async with aclosing(fetcher.fetch_many(order)) as outcomes:
            return len([each async for each in outcomes])

    async def both() -> tuple[int, int]:
        fetcher = room.fetcher()
        return await asyncio.gather(consumed(fetcher, requests), consumed(fetcher, requests[::-1]))

    assert list(asyncio.run(both())) == [20, 20]
    assert len(room.wire.sent) == 20


def test_one_gateways_failure_is_not_anothers() -> None:
    """The same content from two addresses is one entry, but two exchanges."""
    answers: dict[str, Answer] = {"https://one.example/ipfs/Qm/1": RetryableError("broken")}
    room = Room(FakeWire(script=lambda request: answers.get(request.url, ok(b"one"))))
    content = {"identity": "ipfs:Qm/1", "cache": CachePolicy(CacheMode.IMMUTABLE)}
    urls = [f"https://{name}.example/ipfs/Qm/1" for name in ("one", "two")]
    outcomes = room.fetch_many([document(url, **content) for url in urls])

    assert {type(each.outcome) for each in outcomes} == {RetryableError, Response}
    assert room.counters.overrides == {"page immutable": 2}


def test_rfc5861_3_stale_answers_do_not_wait_behind_misses() -> None:
    """They come first, like hits, although every place of the batch is taken."""
    fields = ("cache-control", "max-age=1, stale-while-revalidate=60")
    room = Room(FakeWire(ok(b"one", fields)), concurrency=1)
    room.fetch(document())
    room.clock.advance(5)

    async def first() -> Fetched:
        room.wire.gate = asyncio.Event()
        fetcher = room.fetcher()
        requests = [document("https://m.example/slow"), document()]
        async with aclosing(fetcher.fetch_many(requests)) as outcomes:
            fetched = await anext(outcomes)
        await fetcher.aclose(0)
        return fetched

    assert origin(asyncio.run(first())) is Origin.STALE


def test_a_query_by_post_is_kept_where_the_policy_says_so() -> None:
    """One that is safe to repeat, by its content; others are sent each time."""
    room = Room(FakeWire(ok(b"one")), policy=CachePolicy(CacheMode.KEEP, 60))
    for content in (b"a", b"a", b"b"):
        room.fetch(page(method="POST", content=content, repeatable=True))
    assert len(room.wire.sent) == 2
    for _ in range(2):
        room.fetch(page(method="POST", content=b"a"))
    assert len(room.wire.sent) == 4


def test_a_callers_own_condition_is_answered() -> None:
    """With 304 and no body, from the store."""
    room = Room(FakeWire(ok(b"one", MINUTE, TAG)))
    room.fetch(page())
    answer = room.fetch(page(headers=(("if-none-match", '"1"'),)))
    (many,) = room.fetch_many([page(headers=(("range", "bytes=1-1"),))])

    assert (answer.status, answer.body, answer.origin) == (304, b"", Origin.CACHE)
    assert isinstance(many.outcome, Response)
    assert (many.outcome.status, many.outcome.body) == (206, b"n")
    assert len(room.wire.sent) == 1


def test_rfc5861_3_a_stale_answer_is_counted_and_refreshed_before_the_end() -> None:
    """Served at once; closing the fetcher waits for the refresh."""
    fields = ("cache-control", "max-age=1, stale-while-revalidate=60")
    room = Room(
        FakeWire(ok(b"one", fields), wire_response(200, b"two", at=NOW + 5, headers=[MINUTE]))
    )
    room.fetch(page())
    room.clock.advance(5)

    async def fetched() -> Response:
        fetcher = room.fetcher()
        response = await fetcher.fetch(page())
        await fetcher.aclose()
        return response

    response = asyncio.run(fetched())
    assert (response.origin, response.body) == (Origin.STALE, b"one")
    assert room.counters.stale == 1
    assert room.fetch(page()).body == b"two"


def test_an_immutable_answer_is_never_asked_for_again() -> None:
    """Whatever the headers say; another gateway's address for the same content is the same."""
    room = Room(FakeWire(ok(b"one", ("cache-control", "no-store"))))
    content = {"identity": "ipfs:Qm/1", "cache": CachePolicy(CacheMode.IMMUTABLE)}
    room.fetch(document("https://one.example/ipfs/Qm/1", **content))
    room.clock.advance(FOREVER - 1)

    assert room.fetch(document("https://two.example/ipfs/Qm/1", **content)).origin is Origin.CACHE


def test_f042_refresh_puts_another_answer_in_the_place_of_a_wrong_one() -> None:
    """Nothing stored is used, and all that was stored for the content is gone."""
    bodies = {"one": ok(b"wrong", ("vary", "accept")), "two": ok(b"right")}
    room = Room(FakeWire(script=lambda request: bodies[request.url[8:11]]))
    content = {"identity": "ipfs:Qm/1", "cache": CachePolicy(CacheMode.IMMUTABLE)}
    anew = content | {"cache": CachePolicy(CacheMode.REFRESH)}
    room.fetch(document("https://one.example/ipfs/Qm/1", **content))
    fresh = room.fetch(document("https://two.example/ipfs/Qm/1", **anew))
    room.clock.advance(FOREVER - 1)
    kept = room.fetch(document("https://one.example/ipfs/Qm/1", **content))

    assert (fresh.origin, fresh.body) == (Origin.NETWORK, b"right")
    assert (kept.origin, kept.body) == (Origin.CACHE, b"right")
    assert room.fetch(document("https://two.example/ipfs/Qm/1", **anew)).origin is Origin.NETWORK


def test_keep_is_kept_for_its_seconds() -> None:
    """The source's policy overrides no-store; the request's own policy overrides the source's."""
    room = Room(FakeWire(ok(b"one", ("cache-control", "no-store"))))
    room.policy = CachePolicy(CacheMode.KEEP, 100)
    room.fetch(page())
    room.clock.advance(99)
    assert room.fetch(page()).origin is Origin.CACHE
    assert room.fetch(page(cache=CachePolicy(CacheMode.OFF))).origin is Origin.NETWORK
    room.clock.advance(1)
    assert room.fetch(page()).origin is Origin.NETWORK


def test_off_touches_the_store_in_no_way() -> None:
    """Neither looked up nor stored nor forgotten."""
    room = Room(FakeWire(ok(b"one", MINUTE)), policy=CachePolicy(CacheMode.OFF))
    room.fetch(page())

    assert room.cache.asked == []
    assert room.cache.entries == {}


def test_refresh_asks_without_validators_and_stores() -> None:
    """A fresh entry is passed over, and replaced."""
    room = Room(FakeWire(ok(b"one", MINUTE, TAG), ok(b"two", MINUTE, TAG)))
    room.fetch(page())
    room.refresh = True
    assert room.fetch(page()).body == b"two"
    room.refresh = False

    assert room.wire.sent[1].headers == ()
    assert room.fetch(page()).body == b"two"


def test_refresh_forgets_what_may_no_longer_be_stored() -> None:
    """An entry that a later run would take for fresh does not outlive its successor."""
    room = Room(FakeWire(ok(b"one", MINUTE), ok(b"two", ("cache-control", "no-store"))))
    room.fetch(page())
    room.refresh = True
    room.fetch(page())

    assert room.cache.entries == {}


def test_4_1_variants_are_told_apart() -> None:
    """Two Accept values of one address are two entries, where Vary says so."""
    vary = ("vary", "accept, accept-encoding")
    room = Room(FakeWire(ok(b"json", MINUTE, vary), ok(b"text", MINUTE, vary)))
    room.fetch(document())
    room.fetch(document(accept="text/plain"))

    assert room.fetch(document()).body == b"json"
    assert room.fetch(document(accept="text/plain")).body == b"text"
    assert len(room.wire.sent) == 2


def test_credentials_do_not_share_answers() -> None:
    """What one key's owner may see, another one's asks for; addresses from data are shared."""
    wire = FakeWire(ok(b"one", MINUTE))
    one, two = Room(wire), Room(wire, partition="two")
    two.cache = one.cache
    one.fetch(page())
    one.fetch(document())

    assert two.fetch(page()).origin is Origin.NETWORK
    assert two.fetch(document()).origin is Origin.CACHE


def test_f121_nothing_secret_is_stored() -> None:
    """Not in the key, the address, the header fields, or the error of a stored failure."""
    secret = "hunter2hunter2"
    room = Room(FakeWire(ok(b"x", MINUTE, ("set-cookie", f"session={secret}"))), partition=secret)
    room.fetch(page(params=(("api_key", secret), ("q", "x"))))
    room.fetch(document(f"https://user:{secret}@meta.example/1?X-Amz-Signature={secret}&n=1"))
    room.fetch(document(f"https://meta.example/2?access_token={secret}#x"))

    urls = [each.url for variants in room.cache.entries.values() for each in variants.values()]
    assert urls == [
        "https://api.example/v2/collection?api_key=***&q=x",
        "https://meta.example/1?X-Amz-Signature=***&n=1",
        "https://meta.example/2?access_token=***#x",
    ]
    assert secret not in repr(room.cache.entries)
    assert secret not in "".join(
        str(list(each.headers)) for every in room.cache.entries.values() for each in every.values()
    )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (page("/collection/x/nfts"), "https://api.example/v2/collection/x/nfts"),
        (page("collection/a b/ü"), "https://api.example/v2/collection/a%20b/%C3%BC"),
        (page("/a%20b"), "https://api.example/v2/a%20b"),
        (page("@evil.example/"), "https://api.example/v2/@evil.example/"),
        (page("//evil.example/x"), "https://api.example/v2/evil.example/x"),
        (page("/a#b"), "https://api.example/v2/a%23b"),
        (page(""), "https://api.example/v2"),
        (page("/a?b=1", params=(("c", "2"),)), "https://api.example/v2/a?b=1&c=2"),
        (
            page("/a", params=(("next", "x=&y/ü"), ("n", "50"), ("n", "51"))),
            "https://api.example/v2/a?next=x%3D%26y%2F%C3%BC&n=50&n=51",
        ),
        (document("https://m.example/1?a=1#f"), "https://m.example/1?a=1#f"),
        (document("https://m.example/1#f", params=(("a", "1"),)), "https://m.example/1?a=1#f"),
    ],
)
def test_addresses(request_: Request, expected: str) -> None:
    """A path stays below the base URL; an address from data is taken as it is."""
    room = Room(FakeWire(ok()))
    room.fetch(request_)

    assert room.wire.sent[0].url == expected


@pytest.mark.parametrize(
    "url", ["", "https://[", "\ud800", "https://m.example/\x00", "data:,x", "x" * 100_000]
)
def test_any_address_from_data_reaches_the_wire(url: str) -> None:
    """What is wrong with an address is for the wire to say; looking it up never fails."""
    room = Room(FakeWire(ok(b"one", MINUTE)))
    room.fetch(document(url))

    assert room.wire.sent[0].url == url


def test_a_batch_is_looked_up_in_one_round_trip() -> None:
    """Hits come first, then misses; the wire sees the misses only."""
    room = Room(FakeWire(ok(b"one", MINUTE)))
    room.fetch_many([document(f"https://m.example/{n}") for n in range(0, 20, 2)])
    sent = len(room.wire.sent)
    requests = [document(f"https://m.example/{n}") for n in range(20)]
    outcomes = room.fetch_many(requests)

    assert [len(keys) for keys in room.cache.asked] == [10, 20]
    assert len(room.wire.sent) - sent == 10
    assert [origin(each) for each in outcomes] == [Origin.CACHE] * 10 + [Origin.NETWORK] * 10
    assert {each.request.url for each in outcomes} == {each.url for each in requests}


def test_an_empty_batch_asks_nobody() -> None:
    """No requests, no outcomes."""
    room = Room(FakeWire(ok()))
    assert room.fetch_many([]) == []
    assert room.cache.asked == []


def test_a_batch_has_at_most_concurrency_requests_in_flight() -> None:
    """The rest of the batch waits its turn; how many batches go at once is the wire's to say."""
    room = Room(FakeWire(ok()), concurrency=3)
    requests = [document(f"https://m.example/{n}") for n in range(20)]

    assert len(room.fetch_many(requests)) == 20
    assert room.wire.most_in_flight == 3


def test_errors_of_single_requests_are_outcomes() -> None:
    """A batch goes on past every FetchError, and each request has its outcome."""
    errors: dict[str, Answer] = {
        "https://m.example/0": RetryableError("broken"),
        "https://m.example/1": HostileError("private address"),
        "https://m.example/2": PermanentError("TLS"),
        "https://m.example/3": ok(b"", status=404),
    }
    room = Room(FakeWire(script=lambda request: errors.get(request.url, ok())))
    outcomes = room.fetch_many([document(f"https://m.example/{n}") for n in range(6)])
    kinds = {each.request.url[-1]: type(each.outcome) for each in outcomes}

    assert kinds == {
        "0": RetryableError,
        "1": HostileError,
        "2": PermanentError,
        "3": PermanentError,
        "4": Response,
        "5": Response,
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok(b"", status=403), RefusedError),
        (RefusedError("401"), RefusedError),
        (ConfigurationError("no key"), ConfigurationError),
        (ZeroDivisionError("a bug"), ZeroDivisionError),
    ],
)
def test_what_ends_a_batch_is_raised_by_itself(answer: Answer, expected: type[Exception]) -> None:
    """One error, no group around it; the other requests are cancelled and no task is left."""
    wire = FakeWire(script=lambda request: answer if request.url.endswith("/3") else ok())
    room = Room(wire, concurrency=2)
    seen: list[Fetched] = []

    async def consume() -> None:
        async with aclosing(room.fetcher().fetch_many([page(f"/{n}") for n in range(50)])) as batch:
            async for each in batch:
                seen.append(each)  # noqa: PERF401 - what came before the error is wanted too

    async def fetched() -> int:
        with pytest.raises(expected) as raised:
            await consume()
        assert type(raised.value) is expected
        return len(asyncio.all_tasks())

    assert asyncio.run(fetched()) == 1
    assert len(wire.sent) < 12
    assert seen


@pytest.mark.parametrize("leave", ["close", "cancel", "raise"])
def test_leaving_a_batch_early_cancels_what_is_under_way(leave: str) -> None:
    """However the consumer goes, no task outlives it and no group of errors comes out."""
    room = Room(FakeWire(ok()), concurrency=5)

    async def consume() -> None:
        async with aclosing(
            room.fetcher().fetch_many([document(f"https://m.example/{n}") for n in range(50)])
        ) as outcomes:
            async for _ in outcomes:
                room.wire.gate = asyncio.Event()
                for _ in range(20):
                    await asyncio.sleep(0)
                if leave == "raise":
                    message = "the consumer's own"
                    raise LookupError(message)
                if leave == "close":
                    return
                await asyncio.get_running_loop().create_future()

    async def check() -> None:
        task = asyncio.create_task(consume())
        if leave == "cancel":
            for _ in range(100):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait((task,))
        assert len(asyncio.all_tasks()) == 1
        if leave == "raise":
            assert isinstance(task.exception(), LookupError)
        assert task.cancelled() is (leave == "cancel")

    asyncio.run(check())
    assert room.wire.in_flight == 0
    assert room.wire.cancelled > 0


def test_a_slow_consumer_holds_the_requests_back() -> None:
    """Answers that nobody has taken yet are bounded by the concurrency."""
    room = Room(FakeWire(ok()), concurrency=3)

    async def check() -> int:
        async with aclosing(
            room.fetcher().fetch_many([document(f"https://m.example/{n}") for n in range(100)])
        ) as outcomes:
            await anext(outcomes)
            for _ in range(500):
                await asyncio.sleep(0)
            return len(room.wire.sent)

    assert asyncio.run(check()) <= 1 + 2 * 3


def test_a_request_that_is_cancelled_from_within_is_not_lost_silently() -> None:
    """A wire that raises CancelledError by mistake ends the batch with an error."""
    wire = FakeWire(script=cancelling)

    async def fetched() -> None:
        async with aclosing(Room(wire).fetcher().fetch_many([page()])) as outcomes:
            with pytest.raises(RuntimeError, match="without a result"):
                await anext(outcomes)

    asyncio.run(fetched())


def test_a_dead_store_is_no_hindrance() -> None:
    """Everything is a miss, and every request is answered."""
    room = Room(FakeWire(ok(b"one", MINUTE)))
    room.cache.failing = True
    outcomes = [*room.fetch_many([document()]), *room.fetch_many([document()])]

    assert [origin(each) for each in outcomes] == [Origin.NETWORK] * 2


def test_statistics_are_those_of_all_layers() -> None:
    """The counters that the layers share, as a snapshot."""
    room = Room(FakeWire(ok()))
    room.counters.requests = 7

    async def statistics() -> int:
        return room.fetcher().statistics().requests

    assert asyncio.run(statistics()) == 7


def test_4_2_3_answers_age_while_they_are_stored() -> None:
    """The age that an answer came with counts towards its lifetime."""
    room = Room(FakeWire(ok(b"one", MINUTE, ("age", "50"))))
    room.fetch(page())
    room.clock.advance(timedelta(seconds=9).total_seconds())
    assert room.fetch(page()).origin is Origin.CACHE
    room.clock.advance(1)
    assert room.fetch(page()).origin is Origin.NETWORK


def origin(fetched: Fetched) -> Origin:
    assert isinstance(fetched.outcome, Response)
    return fetched.outcome.origin


def cancelling(_request: WireRequest) -> Answer:
    raise asyncio.CancelledError
