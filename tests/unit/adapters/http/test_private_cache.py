"""The private cache as HTTP sees it; rules by RFC section, faults by row."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from adapters.http.private_cache import PrivateCache
from adapters.http.stored_answers import StoredAnswers
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import PermanentError, RetryableError
from domain.headers import Headers
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_wire import Answer, FakeWire

NOW = FakeClock().now().timestamp()
URL = "https://data.example/doc"
MINUTE = ("cache-control", "max-age=60")
TAG = ("etag", '"1"')
BODY = b"0123456789"

type Fields = tuple[tuple[str, str], ...]


@dataclass
class Room:
    """A cache and all that it talks to; answers arrive when they are asked for."""

    answers: list[tuple[int, bytes, Fields] | Exception]
    trust: Trust = Trust.SOURCE
    partition: str = "one"
    clock: FakeClock = field(default_factory=FakeClock)
    store: FakeResponseCache = field(init=False)
    wire: FakeWire = field(init=False)

    def __post_init__(self) -> None:
        self.store = FakeResponseCache(self.clock)
        self.wire = FakeWire(script=self._next)

    def _next(self, request: WireRequest) -> Answer:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            return answer
        status, body, fields = answer
        now = self.clock.now().timestamp()
        return WireResponse(status, Headers(fields), body, now, now, request.url)

    def cache(self, partition: str | None = None) -> PrivateCache:
        owner = self.partition if partition is None else partition
        answers = StoredAnswers(cache=self.store, source="opensea", partition=owner)
        return PrivateCache(wire=self.wire, answers=answers, clock=self.clock, partition=owner)

    def ask(self, *fields: tuple[str, str], method: str = "GET", url: str = URL) -> WireResponse:
        """One request, and the end of all that it has set off."""

        async def asked() -> WireResponse:
            cache = self.cache()
            answer = await cache.send(self.request(*fields, method=method, url=url))
            await cache.aclose()
            return answer

        return asyncio.run(asked())

    def request(self, *fields: tuple[str, str], method: str = "GET", url: str = URL) -> WireRequest:
        request = Request(kind="page", url=url, trust=self.trust, method=method, headers=fields)
        return WireRequest(request, url)

    @property
    def sent(self) -> int:
        return len(self.wire.sent)


def ok(
    *fields: tuple[str, str], body: bytes = BODY, status: int = 200
) -> tuple[int, bytes, Fields]:
    return status, body, fields


def age_of(answer: WireResponse) -> str | None:
    return answer.headers.get("age")


def test_rfc9111_5_1_what_comes_from_the_store_tells_its_age() -> None:
    """What the upstream has just sent is left as it came."""
    room = Room([ok(MINUTE, ("age", "7"))])
    assert age_of(room.ask()) == "7"
    room.clock.advance(3)
    assert age_of(room.ask()) == "10"


@pytest.mark.parametrize(
    ("directive", "sent"),
    [
        ("max-age=0", 2),
        ("max-age=5", 2),
        ("max-age=11", 1),
        ("min-fresh=49", 1),
        ("min-fresh=51", 2),
        ("no-cache", 2),
        ("no-store", 2),
        ("max-stale=9", 1),
        ("only-if-cached", 1),
    ],
)
def test_rfc9111_5_2_1_request_directives(directive: str, sent: int) -> None:
    """Ten seconds after the answer, which is fresh for a minute."""
    room = Room([ok(MINUTE)])
    room.ask()
    room.clock.advance(10)
    assert room.ask(("cache-control", directive)).status == 200
    assert room.sent == sent


@pytest.mark.parametrize(
    ("stored", "directive", "status", "sent"),
    [
        ("max-age=60", "max-stale=10", 200, 1),
        ("max-age=60", "max-stale", 200, 1),
        ("max-age=60", "max-stale=4", 200, 2),
        ("max-age=60, must-revalidate", "max-stale=10", 200, 2),
        ("max-age=60", "only-if-cached", 504, 1),
        ("max-age=60", "only-if-cached, max-stale=10", 200, 1),
    ],
)
def test_rfc9111_5_2_1_2_a_caller_may_accept_stale_answers(
    stored: str, directive: str, status: int, sent: int
) -> None:
    """Five seconds past freshness."""
    room = Room([ok(("cache-control", stored), TAG)])
    room.ask()
    room.clock.advance(65)
    assert room.ask(("cache-control", directive)).status == status
    assert room.sent == sent


def test_rfc9111_5_2_1_7_only_if_cached_asks_nobody() -> None:
    """504 for what is not there."""
    room = Room([ok(MINUTE)])
    assert room.ask(("cache-control", "only-if-cached")).status == 504
    assert room.sent == 0


def test_rfc9111_5_2_1_5_no_store_is_not_stored() -> None:
    """Nor does it take away what is there."""
    room = Room([ok(MINUTE)])
    room.ask(("cache-control", "no-store"))
    assert room.store.entries == {}


def test_rfc9111_5_4_pragma_counts_without_cache_control() -> None:
    """As no-cache."""
    room = Room([ok(MINUTE)])
    room.ask()
    room.ask(("pragma", "no-cache"))
    assert room.sent == 2
    room.ask(("pragma", "no-cache"), ("cache-control", "max-age=99"))
    assert room.sent == 2


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (("if-none-match", '"1"'), 304),
        (("if-none-match", 'W/"1"'), 304),
        (("if-none-match", '"0", "1"'), 304),
        (("if-none-match", "*"), 304),
        (("if-none-match", '"2"'), 200),
        (("if-modified-since", "Thu, 01 Jan 2026 03:04:05 GMT"), 304),
        (("if-modified-since", "Wed, 31 Dec 2025 03:04:05 GMT"), 200),
        (("if-modified-since", "yesterday"), 200),
    ],
)
def test_rfc9111_4_3_2_a_callers_condition_is_judged_by_what_is_stored(
    condition: tuple[str, str], status: int
) -> None:
    """The origin is not asked."""
    room = Room([ok(MINUTE, TAG, ("last-modified", "Thu, 01 Jan 2026 03:04:05 GMT"))])
    room.ask()
    answer = room.ask(condition)

    assert (answer.status, answer.body) == (status, b"" if status == 304 else BODY)
    assert answer.headers.get("etag") == '"1"'
    assert room.sent == 1


def test_rfc9111_4_3_1_a_callers_condition_is_replaced_by_the_caches_own() -> None:
    """Both then have their answer: the cache a confirmation, the caller a 304."""
    room = Room([ok(MINUTE, TAG), ok(MINUTE, TAG, status=304, body=b"")])
    room.ask()
    room.clock.advance(61)
    answer = room.ask(("if-none-match", '"1"'))

    assert answer.status == 304
    assert room.wire.sent[1].headers == (("if-none-match", '"1"'),)
    assert room.wire.sent[1].request.headers == ()
    assert room.ask().body == BODY
    assert room.sent == 2


def test_rfc9111_4_3_2_a_condition_without_anything_stored_goes_to_the_origin() -> None:
    """And its 304 to the caller."""
    room = Room([ok(TAG, status=304, body=b"")])
    assert room.ask(("if-none-match", '"1"')).status == 304
    assert room.wire.sent[0].request.headers == (("if-none-match", '"1"'),)
    assert room.store.entries == {}


@pytest.mark.parametrize("name", ["if-match", "if-unmodified-since"])
def test_rfc9110_13_1_some_conditions_are_the_origins_alone(name: str) -> None:
    """They pass by what is stored."""
    room = Room([ok(MINUTE)])
    room.ask()
    room.ask((name, '"1"'))
    assert room.sent == 2


@pytest.mark.parametrize(
    ("asked", "status", "part", "described"),
    [
        ("bytes=0-1", 206, b"01", "bytes 0-1/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-1", 206, b"9", "bytes 9-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, BODY, None),
        ("lines=0-1", 200, BODY, None),
    ],
)
def test_rfc9111_3_4_ranges_of_a_whole_answer(
    asked: str, status: int, part: bytes, described: str | None
) -> None:
    """Cut from what is stored; what is not understood is ignored."""
    room = Room([ok(MINUTE)])
    room.ask()
    answer = room.ask(("range", asked))

    assert (answer.status, answer.body) == (status, part)
    assert answer.headers.get("content-range") == described
    assert room.sent == 1


@pytest.mark.parametrize(("condition", "status"), [('"1"', 206), ('"2"', 200), ('W/"1"', 200)])
def test_rfc9110_13_1_5_if_range(condition: str, status: int) -> None:
    """A part only of what the caller has the beginning of, by a strong tag."""
    room = Room([ok(MINUTE, TAG)])
    room.ask()
    assert room.ask(("range", "bytes=0-1"), ("if-range", condition)).status == status
    assert room.sent == 1


def part(first: int, end: int, *fields: tuple[str, str]) -> tuple[int, bytes, Fields]:
    described = ("content-range", f"bytes {first}-{end - 1}/10")
    return ok(MINUTE, described, *fields, status=206, body=BODY[first:end])


def test_rfc9111_3_3_parts_are_stored_and_answer_for_what_they_hold() -> None:
    """The same range again, and ranges within it; never the whole."""
    room = Room([part(2, 8), ok()])
    room.ask(("range", "bytes=2-7"))
    assert room.ask(("range", "bytes=2-7")).body == b"234567"
    assert room.ask(("range", "bytes=3-4")).body == b"34"
    assert room.sent == 1
    assert room.ask().body == BODY
    assert room.sent == 2


def test_rfc9111_3_4_parts_with_one_strong_tag_make_a_whole() -> None:
    """From then on it answers for everything."""
    room = Room([part(0, 6, TAG), part(4, 10, TAG)])
    room.ask(("range", "bytes=0-5"))
    room.ask(("range", "bytes=4-9"))
    room.clock.advance(1)

    assert room.ask().body == BODY
    assert room.sent == 2


@pytest.mark.parametrize("tag", [(), (("etag", 'W/"1"'),)])
def test_rfc9111_3_4_parts_without_a_strong_tag_stay_parts(tag: Fields) -> None:
    """Nothing says that they are of the same answer."""
    room = Room([part(0, 6, *tag), part(4, 10, *tag), ok(body=b"whole")])
    room.ask(("range", "bytes=0-5"))
    room.ask(("range", "bytes=4-9"))
    assert room.ask().body == b"whole"


def test_f062_a_part_that_nobody_asked_for_is_not_stored() -> None:
    """206 to a request without Range."""
    room = Room([part(0, 6, TAG)])
    room.ask()
    assert room.store.entries == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "M-SEARCH"])
@pytest.mark.parametrize(("status", "sent"), [(200, 3), (204, 3), (303, 3), (404, 2), (500, 2)])
def test_rfc9111_4_4_unsafe_methods_invalidate(method: str, status: int, sent: int) -> None:
    """What succeeded may have changed what is stored."""
    room = Room([ok(MINUTE), ok(status=status), ok(MINUTE)])
    room.ask()
    room.ask(method=method)
    room.ask()
    assert room.sent == sent


@pytest.mark.parametrize("name", ["location", "content-location"])
@pytest.mark.parametrize(
    ("value", "sent"),
    [("/doc", 3), (URL, 3), ("https://other.example/doc", 2), ("http://data.example/doc", 2)],
)
def test_rfc9111_4_4_what_an_unsafe_answer_names_is_invalidated(
    name: str, value: str, sent: int
) -> None:
    """On the same origin only."""
    room = Room([ok(MINUTE), ok((name, value)), ok(MINUTE)])
    room.ask()
    room.ask(method="POST", url="https://data.example/actions")
    room.ask()
    assert room.sent == sent


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ((MINUTE, ("content-location", "/doc")), 1),
        ((MINUTE, ("content-location", "/other")), 2),
        ((MINUTE,), 2),
        ((("content-location", "/doc"),), 2),
    ],
)
def test_rfc9110_9_3_3_a_post_may_answer_a_later_get(fields: Fields, sent: int) -> None:
    """With a lifetime of its own and its own address as Content-Location."""
    room = Room([ok(*fields), ok(body=b"got")])
    room.ask(method="POST")
    assert room.ask().body == (BODY if sent == 1 else b"got")
    assert room.sent == sent


def test_rfc9111_4_3_5_head_is_answered_from_a_stored_get() -> None:
    """Without its body."""
    room = Room([ok(MINUTE, ("x-a", "1"))])
    room.ask()
    answer = room.ask(method="HEAD")
    assert (answer.status, answer.body, answer.headers.get("x-a")) == (200, b"", "1")
    assert room.sent == 1


@pytest.mark.parametrize(("tag", "sent", "kept"), [('"1"', 2, "2"), ('"2"', 3, None)])
def test_rfc9111_4_3_5_head_freshens_or_drops_what_is_stored(
    tag: str, sent: int, kept: str | None
) -> None:
    """As its validators say."""
    head = ok(("cache-control", "max-age=600"), ("etag", tag), ("x-a", "2"), body=b"")
    room = Room([ok(MINUTE, TAG, ("x-a", "1")), head, ok()])
    room.ask()
    room.clock.advance(61)
    room.ask(method="HEAD")
    assert room.ask().headers.get("x-a") == kept
    assert room.sent == sent


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_rfc5861_4_a_failing_status_counts_as_an_error(status: int) -> None:
    """For a wire that hands statuses on as they are."""
    room = Room(
        [ok(("cache-control", "max-age=1, stale-if-error=60")), ok(status=status, body=b"")]
    )
    room.ask()
    room.clock.advance(30)
    assert room.ask().status == 200
    room.clock.advance(60)
    assert room.ask().status == status


@pytest.mark.parametrize(
    ("directives", "trust", "error", "served"),
    [
        ("max-age=1", Trust.UNTRUSTED, RetryableError("refused"), True),
        ("max-age=1", Trust.SOURCE, RetryableError("refused"), False),
        ("max-age=1", Trust.UNTRUSTED, RetryableError("503", status=503), False),
        ("max-age=1", Trust.UNTRUSTED, PermanentError("TLS"), False),
        ("max-age=1, must-revalidate", Trust.UNTRUSTED, RetryableError("refused"), False),
        ("max-age=1, no-cache", Trust.UNTRUSTED, RetryableError("refused"), False),
    ],
)
def test_rfc9111_4_2_4_a_host_that_is_away_is_stood_in_for(
    directives: str, trust: Trust, error: Exception, *, served: bool
) -> None:
    """Documents found in data, for a day, unless their host forbids it."""
    room = Room([ok(("cache-control", directives), TAG), error], trust=trust)
    room.ask()
    room.clock.advance(3600)
    if served:
        with capture_logs() as logs:
            assert room.ask().body == BODY
        assert "cache.stale_served" in [each["event"] for each in logs]
        room.clock.advance(86400)
    with pytest.raises(type(error)):
        room.ask()


def test_rfc5861_3_stale_while_revalidate_by_its_304() -> None:
    """The stale answer at once; the 304 in the background makes the entry fresh."""
    fields = ("cache-control", "max-age=10, stale-while-revalidate=60")
    room = Room([ok(fields, TAG), ok(fields, status=304, body=b"")])
    room.ask()
    room.clock.advance(30)
    assert age_of(room.ask()) == "30"
    assert room.sent == 2
    assert age_of(room.ask()) == "0"
    assert room.sent == 2


def test_rfc5861_3_without_a_validator_the_body_is_fetched_anew() -> None:
    """In the background as well."""
    fields = ("cache-control", "max-age=10, stale-while-revalidate=60")
    room = Room([ok(fields), ok(fields, body=b"new")])
    room.ask()
    room.clock.advance(30)
    assert room.ask().body == BODY
    assert room.ask().body == b"new"
    assert room.sent == 2


@pytest.mark.parametrize(
    ("directives", "after"),
    [
        ("max-age=10, stale-while-revalidate=60", 70),
        ("max-age=10, stale-while-revalidate=60, must-revalidate", 30),
        ("no-cache, stale-while-revalidate=60", 30),
        ("max-age=10, stale-while-revalidate=x", 30),
    ],
)
def test_rfc5861_3_outside_its_window_the_answer_is_waited_for(
    directives: str, after: float
) -> None:
    """Or where the origin wants to be asked."""
    room = Room([ok(("cache-control", directives), TAG), ok(body=b"new")])
    room.ask()
    room.clock.advance(after)
    assert room.ask().body == b"new"


def test_rfc5861_3_a_refresh_that_fails_leaves_the_stale_answer() -> None:
    """And a warning."""
    fields = ("cache-control", "max-age=10, stale-while-revalidate=60")
    room = Room([ok(fields), RetryableError("refused")])
    room.ask()
    room.clock.advance(30)
    with capture_logs() as logs:
        assert room.ask().body == BODY
    assert "cache.refresh_failed" in [each["event"] for each in logs]


def test_f063_a_304_without_a_stored_body_is_asked_again() -> None:
    """Without validators, once."""
    room = Room([ok(status=304, body=b""), ok()])
    assert room.ask().body == BODY
    assert room.sent == 2


@pytest.mark.parametrize("tag", ['"1"', '"2"'])
def test_f064_a_new_body_counts_whatever_its_tag_says(tag: str) -> None:
    """The body that came is served and stored, under the same tag or another."""
    room = Room([ok(MINUTE, TAG), ok(MINUTE, ("etag", tag), body=b"new")])
    room.ask()
    room.clock.advance(61)
    assert room.ask().body == b"new"
    assert room.ask().body == b"new"
    assert room.sent == 2


def test_f064_parts_that_contradict_each_other_are_not_put_together() -> None:
    """The same strong tag over other bytes is a lie."""
    lying = (206, b"XX6789", (MINUTE, TAG, ("content-range", "bytes 4-9/10")))
    room = Room([part(0, 6, TAG), lying, ok(body=b"whole")])
    room.ask(("range", "bytes=0-5"))
    room.ask(("range", "bytes=4-9"))
    assert room.ask().body == b"whole"


def test_f064_a_body_is_fetched_in_full_once_a_month() -> None:
    """An upstream that confirms for ever is not believed for ever."""
    room = Room([ok(MINUTE, TAG), ok(MINUTE, status=304, body=b"")])
    room.ask()
    for _ in range(31):
        room.clock.advance(86400)
        room.ask()
    conditional = [bool(each.headers) for each in room.wire.sent]
    assert conditional[1:30] == [True] * 29
    assert conditional[30] is False


@pytest.mark.parametrize(
    ("fields", "after", "sent"),
    [
        ((("cache-control", "max-age=1000000000"),), 7 * 86400 - 1, 1),
        ((("cache-control", "max-age=1000000000"),), 7 * 86400, 2),
        ((MINUTE, ("age", "-7200")), 59, 1),
        ((MINUTE, ("vary", "*")), 0, 2),
        ((MINUTE, ("vary", "accept, *")), 0, 2),
    ],
)
def test_f065_absurd_freshness_is_clamped(fields: Fields, after: float, sent: int) -> None:
    """A week at most; a negative Age is none; `Vary: *` is never stored."""
    room = Room([ok(*fields)])
    room.ask()
    room.clock.advance(after)
    room.ask()
    assert room.sent == sent


def together(room: Room, count: int, *fields: tuple[str, str]) -> list[WireResponse]:
    """Requests at the same time, to an upstream that answers when all have asked."""

    async def asked() -> list[WireResponse]:
        cache = room.cache()
        room.wire.gate = asyncio.Event()
        tasks = [asyncio.create_task(cache.send(room.request(*fields))) for _ in range(count)]
        await turns()
        room.wire.gate.set()
        return await asyncio.gather(*tasks)

    return asyncio.run(asked())


async def turns() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def test_fifty_misses_of_one_address_cost_one_request() -> None:
    """Even where the answer is stale at once."""
    for directives in ("max-age=60", "max-age=0", "public"):
        room = Room([ok(("cache-control", directives))])
        assert {each.body for each in together(room, 50)} == {BODY}
        assert room.sent == 1


@pytest.mark.parametrize("directives", ["no-store", "no-cache"])
def test_fifty_misses_of_what_must_not_be_shared_are_fifty_requests_at_once(
    directives: str,
) -> None:
    """The first one's answer serves nobody else; the others are not lined up behind it."""
    room = Room([ok(("cache-control", directives), TAG)])

    async def asked() -> None:
        cache = room.cache()
        first = asyncio.Event()
        room.wire.gate = first
        tasks = [asyncio.create_task(cache.send(room.request())) for _ in range(50)]
        await turns()
        assert room.sent == 1
        room.wire.gate = asyncio.Event()
        first.set()
        await turns()
        assert room.wire.in_flight == 49
        room.wire.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(asked())
    assert room.sent == 50


def test_other_variants_do_not_wait_for_each_other() -> None:
    """Requests that differ in a field ask for themselves, side by side."""
    room = Room([ok(MINUTE, ("vary", "x-lang"))])

    async def asked() -> None:
        cache = room.cache()
        room.wire.gate = asyncio.Event()
        tasks = [
            asyncio.create_task(cache.send(room.request(("x-lang", f"{n % 5}")))) for n in range(50)
        ]
        await turns()
        assert room.wire.in_flight == 5
        room.wire.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(asked())
    assert room.sent == 5


def test_partitions_share_neither_answers_nor_exchanges() -> None:
    """What one credential's owner asks for is nobody else's."""
    room = Room([ok(MINUTE)])

    async def asked() -> None:
        room.wire.gate = asyncio.Event()
        sends: list[Callable[[WireRequest], Coroutine[None, None, WireResponse]]] = [
            room.cache(name).send for name in ("one", "two")
        ]
        tasks = [asyncio.create_task(send(room.request())) for send in sends for _ in range(9)]
        await turns()
        room.wire.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(asked())
    assert room.sent == 2
    assert len(room.store.entries) == 2


def test_only_if_cached_does_not_wait_for_an_exchange() -> None:
    """It wants what is there now."""
    room = Room([ok(MINUTE)])

    async def asked() -> int:
        cache = room.cache()
        room.wire.gate = asyncio.Event()
        task = asyncio.create_task(cache.send(room.request()))
        await turns()
        answer = await cache.send(room.request(("cache-control", "only-if-cached")))
        room.wire.gate.set()
        await task
        return answer.status

    assert asyncio.run(asked()) == 504


def test_cookies_are_withheld_unless_the_owner_wants_them() -> None:
    """They may hold the secret of a session."""
    fields = (MINUTE, ("set-cookie", "a=b"), ("content-length", "10"), ("x-a", "1"))
    room = Room([ok(*fields)])
    assert [name for name, _ in room.ask().headers] == ["cache-control", "x-a"]

    answers = StoredAnswers(
        cache=room.store, source="opensea", partition="two", withheld=frozenset()
    )
    cache = PrivateCache(wire=room.wire, answers=answers, clock=room.clock, partition="two")
    answer = asyncio.run(cache.send(room.request()))
    assert answer.headers.get("set-cookie") == "a=b"


def test_rfc9111_4_1_a_language_that_is_wanted_most_selects_its_answer() -> None:
    """No other answer could be in a better one; a language that ties does not."""
    stored = ok(MINUTE, ("vary", "accept-language"), ("content-language", "de"))
    room = Room([stored])
    room.ask(("accept-language", "en, de"))
    room.ask(("accept-language", "fr;q=0.5, de;q=1.0"))
    room.ask(("accept-language", "DE ,en"))
    assert room.sent == 1
    room.ask(("accept-language", "fr, de"))
    assert room.sent == 2
