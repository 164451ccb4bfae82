"""The whole stack below the cache against a server that does everything wrong."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.http.authenticating_wire import AuthenticatingWire
from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.judging_wire import JudgingWire
from adapters.http.limiting_wire import LimitingWire
from adapters.http.name_resolver import SystemNameResolver
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.retrying_wire import RetryingWire
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from adapters.system.system_clock import SystemClock
from domain.errors import HostileError, PermanentError, RetryableError, ThrottledError
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.sample_source import SAMPLE
from tests.integration.hostile_server import JSON_BODY, HostileServer, gzip_bomb, hostile_server

DEADLINES = Deadlines(total=0.8, connect=0.5, read=0.3, progress_period=0.3, progress_rate=1024)
CAP = 1_000_000


class Stack:
    """All layers but the cache, on a hostile server; limits wait on a fake clock."""

    def __init__(
        self,
        server: HostileServer,
        wire: AuthenticatingWire,
        clock: FakeClock,
        counters: FetchCounters,
        credentials: FakeCredentials,
    ) -> None:
        self.server = server
        self.wire = wire
        self.clock = clock
        self.counters = counters
        self.credentials = credentials

    async def get(self, path: str, trust: Trust = Trust.UNTRUSTED) -> WireResponse:
        url = self.server.url + path
        request = Request(kind="thing", url=url, trust=trust, max_bytes=CAP)
        return await self.wire.send(WireRequest(request, url))


@asynccontextmanager
async def stack_on(server: HostileServer) -> AsyncGenerator[Stack]:
    guard = SsrfGuard([server.url.removeprefix("http://")])
    resolver = SystemNameResolver()
    keyed, untrusted = (
        http_client(
            backend=PinnedBackend(resolver=resolver, guard=each),
            deadlines=DEADLINES,
            user_agent="pipeline/1",
            concurrency=8,
        )
        for each in (None, guard)
    )
    clock, counters, credentials = FakeClock(), FetchCounters(), FakeCredentials()
    async with keyed, untrusted:
        httpx_wire = HttpxWire(
            keyed=keyed,
            untrusted=untrusted,
            guard=guard,
            base_url=server.url,
            clock=SystemClock(),
            counters=counters,
            deadlines=DEADLINES,
        )
        limiting_wire = LimitingWire(
            wire=JudgingWire(wire=httpx_wire, throttled_statuses=frozenset()),
            clock=clock,
            counters=counters,
            guard=guard,
            concurrency=8,
            source_slots=8,
            limits=(),
        )
        wire = AuthenticatingWire(
            wire=RetryingWire(
                wire=RedirectingWire(wire=limiting_wire, total=DEADLINES.total), counters=counters
            ),
            credentials=credentials,
            source=SAMPLE,
            base_url=server.url,
        )
        yield Stack(server, wire, clock, counters, credentials)
    resolver.close()


def on_stack[T](use: Callable[[Stack], Awaitable[T]]) -> T:
    async def run() -> T:
        async with hostile_server() as server, stack_on(server) as stack:
            return await use(stack)

    return asyncio.run(run())


def failing(path: str, trust: Trust, error: type[Exception], match: str) -> HostileServer:
    async def use(stack: Stack) -> HostileServer:
        with pytest.raises(error, match=match):
            await stack.get(path, trust)
        return stack.server

    return on_stack(use)


def test_f001_a_refused_connection_is_retried() -> None:
    """Three attempts, then a retryable error."""

    async def run() -> int:
        nobody = HostileServer()
        nobody.url = "http://127.0.0.1:9"  # the discard port: nothing listens there
        async with stack_on(nobody) as stack:
            with pytest.raises(RetryableError, match="no connection"):
                await stack.get("/", Trust.SOURCE)
            return stack.counters.requests

    assert asyncio.run(run()) == 3


@pytest.mark.parametrize(
    ("path", "match"),
    [
        pytest.param("/silent", "silent", id="f002_silent"),
        pytest.param("/bad-gzip", "damaged", id="f009_bad_gzip"),
        pytest.param("/truncated-gzip", "truncated", id="f010_truncated_gzip"),
        pytest.param("/cut-short", "not whole", id="f011_body_cut_short"),
        pytest.param("/cut-chunk", "not whole", id="f014_chunk_cut"),
        pytest.param("/reset", "broke", id="f015_reset"),
        pytest.param("/unavailable", "503", id="f056_unavailable"),
    ],
)
def test_a_broken_answer_is_retried_and_given_up(path: str, match: str) -> None:
    """Three attempts; nothing of the answer is kept."""
    server = failing(path, Trust.UNTRUSTED, RetryableError, match)
    assert server.asked[path] == 3


@pytest.mark.parametrize(
    ("path", "match"),
    [
        pytest.param("/slow-headers", "no whole answer", id="f003_slow_headers"),
        pytest.param("/slow-body", "bytes a second", id="f004_slow_body"),
        pytest.param("/endless", "larger than", id="f005_endless_body"),
        pytest.param("/stacked", "times over", id="f008_stacked_encodings"),
        pytest.param("/endless-headers", "not HTTP", id="f006_endless_headers"),
        pytest.param("/banner", "not HTTP", id="f017_banner"),
        pytest.param("/two-lengths", "not HTTP", id="f016_two_lengths"),
        pytest.param("/early-hints", "not HTTP", id="f018_early_hints"),
        pytest.param("/to-metadata", "not public", id="f030_redirect_to_metadata"),
    ],
)
def test_a_hostile_answer_is_never_asked_for_again(path: str, match: str) -> None:
    """One request, within the deadline."""
    server = failing(path, Trust.UNTRUSTED, HostileError, match)
    assert server.asked[path] == 1


@pytest.mark.parametrize(
    ("path", "match"), [("/slow-headers", "no whole answer"), ("/slow-body", "bytes a second")]
)
def test_a_source_that_is_slow_is_asked_again(path: str, match: str) -> None:
    """Our own source is no enemy."""
    server = failing(path, Trust.SOURCE, RetryableError, match)
    assert server.asked[path] == 3


def test_f007_a_gzip_bomb_is_refused_at_the_cap() -> None:
    """200 MB in 200 KB cost no more memory than the cap and a little."""
    gzip_bomb()

    async def use(stack: Stack) -> int:
        tracemalloc.start()
        with pytest.raises(HostileError, match="larger than"):
            await stack.get("/bomb")
        return tracemalloc.get_traced_memory()[1]

    try:
        assert on_stack(use) <= CAP + 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_f029_a_redirect_loop_ends() -> None:
    """Five redirects are followed."""
    server = failing("/loop", Trust.UNTRUSTED, PermanentError, "more than 5 redirects")
    assert server.asked["/loop"] == 6


def test_f033_keys_do_not_cross_origins() -> None:
    """The source's redirect is refused, an untrusted one followed; no key leaves either way."""

    async def use(stack: Stack) -> None:
        async with hostile_server() as other:
            stack.server.elsewhere = other.url
            with pytest.raises(PermanentError, match="redirects"):
                await stack.get("/elsewhere", Trust.SOURCE)
            assert other.connections == 0
            with pytest.raises(HostileError, match="port"):
                await stack.get("/elsewhere", Trust.UNTRUSTED)
            assert other.connections == 0
        assert stack.server.keys["/elsewhere"] == ["key-1", None]

    on_stack(use)


def test_f051_f052_retry_after_is_honoured_host_wide() -> None:
    """Seconds, and a date by the server's own clock; the next request of the host waits."""

    async def use(stack: Stack) -> None:
        for path, wait in (("/429-seconds", 2.0), ("/429-date", 3.0)):
            before = sum(stack.clock.slept)
            answer = await stack.get(path)
            assert answer.body == JSON_BODY
            assert sum(stack.clock.slept) - before == pytest.approx(wait)
            assert stack.server.asked[path] == 2

    on_stack(use)


def test_f053_garbage_in_retry_after_is_passed_over() -> None:
    """The ordinary pause holds instead."""

    async def use(stack: Stack) -> float:
        assert (await stack.get("/429-garbage")).body == JSON_BODY
        return sum(stack.clock.slept)

    assert on_stack(use) == pytest.approx(1.0)


@pytest.mark.parametrize("trust", Trust)
def test_f053_an_absurd_retry_after_is_not_waited_for(trust: Trust) -> None:
    """One request, then an error that says how long the upstream wanted."""

    async def use(stack: Stack) -> tuple[float | None, list[float]]:
        with pytest.raises(ThrottledError) as caught:
            await stack.get("/429-for-ever", trust)
        return caught.value.retry_after, stack.clock.slept

    retry_after, slept = on_stack(use)
    assert retry_after == 86_400.0
    assert slept == []


def test_f054_a_spent_quota_is_waited_for() -> None:
    """The source's X-RateLimit-* hold its next request back."""

    async def use(stack: Stack) -> float:
        await stack.get("/quota", Trust.SOURCE)
        await stack.get("/ok", Trust.SOURCE)
        return sum(stack.clock.slept)

    assert on_stack(use) == pytest.approx(40.0)


def test_a_rejected_key_is_renewed_once() -> None:
    """401, another key, the answer."""

    async def use(stack: Stack) -> None:
        assert (await stack.get("/keyed", Trust.SOURCE)).status == 200
        assert stack.server.keys["/keyed"] == ["key-1", "key-2"]
        assert stack.credentials.renewals == 1

    on_stack(use)


def test_f060_html_in_place_of_data_is_asked_for_once_more() -> None:
    """A challenge page with status 200 is no answer, and never reaches the cache."""
    server = failing("/html", Trust.UNTRUSTED, RetryableError, "not_json")
    assert server.asked["/html"] == 2


def test_f019_cookies_are_not_kept() -> None:
    """Not even 75 KB of them."""

    async def use(stack: Stack) -> int:
        await stack.get("/cookie")
        return (await stack.get("/cookie")).status

    assert on_stack(use) == 200


def test_f039_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go where they are told."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def use(stack: Stack) -> int:
        return (await stack.get("/ok")).status

    assert on_stack(use) == 200


def test_connections_are_used_again() -> None:
    """Thirty requests in turn over the few pools there are."""

    async def use(stack: Stack) -> tuple[int, int]:
        for _ in range(30):
            await stack.get("/ok")
        return stack.server.asked["/ok"], stack.server.connections

    asked, connections = on_stack(use)
    assert asked == 30
    assert connections <= 2


def test_a_cancelled_request_leaves_nothing_behind() -> None:
    """The stack goes on as before."""

    async def use(stack: Stack) -> int:
        hanging = [asyncio.create_task(stack.get("/silent")) for _ in range(8)]
        await asyncio.sleep(0.05)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        return (await stack.get("/ok")).status

    assert on_stack(use) == 200
