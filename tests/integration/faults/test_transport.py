"""The fault catalogue's rows about the transport, over the engine, under both event loops."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from adapters.system.system_clock import SystemClock
from domain.errors import FetchError, HostileError, RetryableError
from domain.requests import Request, Trust
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.integration.hostile_server import JSON_BODY, HostileServer, hostile_server

DEADLINES = Deadlines(total=2.0, connect=0.4, read=0.2, progress_period=0.2, progress_rate=1024)
CAP = 1_000_000
SPARE = 16 * 1024 * 1024

type LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class Asker:
    """One exchange at a time with a hostile server."""

    def __init__(self, server: HostileServer, wire: HttpxWire) -> None:
        self.server = server
        self.wire = wire

    async def get(self, path: str, trust: Trust = Trust.UNTRUSTED) -> WireResponse:
        url = self.server.url + path
        request = Request(kind="thing", url=url, trust=trust, max_bytes=CAP)
        return await self.wire.send(WireRequest(request, url))

    async def failure(self, path: str, trust: Trust = Trust.UNTRUSTED) -> FetchError:
        with pytest.raises(FetchError) as caught:
            await self.get(path, trust)
        return caught.value


@asynccontextmanager
async def asker() -> AsyncGenerator[Asker]:
    async with hostile_server() as server:
        guard = SsrfGuard(["127.0.0.0/8"])
        client = http_client(
            backend=PinnedBackend(resolver=FakeNameResolver({}), guard=guard),
            deadlines=DEADLINES,
            user_agent="pipeline/1",
            concurrency=8,
        )
        async with client:
            yield Asker(
                server,
                HttpxWire(
                    keyed=client,
                    untrusted=client,
                    guard=guard,
                    base_url=server.url,
                    clock=SystemClock(),
                    counters=FetchCounters(),
                    deadlines=DEADLINES,
                ),
            )


type Asking = Callable[[Callable[[Asker], Awaitable[None]]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def asking(request: pytest.FixtureRequest) -> Asking:
    """Runs a test's coroutine against a fresh server."""

    def run(use: Callable[[Asker], Awaitable[None]]) -> None:
        async def session() -> None:
            async with asker() as opened:
                await use(opened)

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(session())

    return run


def test_f002_silence_after_accept_may_be_tried_again(asking: Asking) -> None:
    """The read timeout ends it, before the total deadline does."""

    async def use(asker: Asker) -> None:
        for trust in Trust:
            failure = await asker.failure("/silent", trust)
            assert isinstance(failure, RetryableError)
            assert "silent" in failure.reason

    asking(use)


def test_f003_headers_that_drip_are_hostile(asking: Asking) -> None:
    """Each byte resets the read timeout, none the total deadline; our own source is asked again."""

    async def use(asker: Asker) -> None:
        assert isinstance(await asker.failure("/slow-headers"), HostileError)
        assert isinstance(await asker.failure("/slow-headers", Trust.SOURCE), RetryableError)

    asking(use)


def test_f004_a_body_that_drips_is_hostile(asking: Asking) -> None:
    """Less than 1 KB a second over a whole period."""

    async def use(asker: Asker) -> None:
        failure = await asker.failure("/slow-body")
        assert isinstance(failure, HostileError)
        assert "bytes a second" in failure.reason

    asking(use)


def test_f005_a_body_without_end_is_refused_at_its_cap(asking: Asking) -> None:
    """It costs no more memory than the cap and a little."""

    async def use(asker: Asker) -> None:
        tracemalloc.start()
        try:
            failure = await asker.failure("/endless")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert isinstance(failure, HostileError)
        assert peak <= CAP + SPARE

    asking(use)


@pytest.mark.parametrize("trust", Trust)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/endless-headers", id="f006_headers_without_end"),
        pytest.param("/two-lengths", id="f016_two_lengths"),
        pytest.param("/length-and-chunked", id="f016_length_and_chunked"),
        pytest.param("/banner", id="f017_banner"),
        pytest.param("/crlf", id="f017_line_break_in_a_field"),
        pytest.param("/early-hints", id="f018_hints_without_end"),
    ],
)
def test_f006_f016_f017_f018_an_answer_that_is_no_http_is_hostile(
    path: str, trust: Trust, asking: Asking
) -> None:
    """Whoever sends it; the connection is not used again."""

    async def use(asker: Asker) -> None:
        failure = await asker.failure(path, trust)
        assert isinstance(failure, HostileError)
        assert "not HTTP" in failure.reason
        assert (await asker.get("/ok")).body == JSON_BODY
        assert asker.server.connections == 2

    asking(use)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("/cut-short", "not whole", id="f011_length_too_long"),
        pytest.param("/cut-chunk", "not whole", id="f014_chunk_cut"),
        pytest.param("/reset", "broke", id="f015_reset"),
        pytest.param("/no-length-cut", "before its JSON did", id="f013_no_length_cut"),
    ],
)
def test_f011_f013_f014_f015_a_body_that_is_cut_may_be_tried_again(
    path: str, words: str, asking: Asking
) -> None:
    """Nothing of it is kept."""

    async def use(asker: Asker) -> None:
        failure = await asker.failure(path)
        assert isinstance(failure, RetryableError)
        assert words in failure.reason

    asking(use)


def test_f012_a_length_that_is_too_short_poisons_nothing(asking: Asking) -> None:
    """The rest is not taken for the next answer, which comes over another connection."""

    async def use(asker: Asker) -> None:
        assert (await asker.get("/short-length")).body == JSON_BODY[:5]
        assert (await asker.get("/ok")).body == JSON_BODY
        assert asker.server.connections == 2

    asking(use)


def test_f013_a_body_without_length_is_whole_when_its_json_is(asking: Asking) -> None:
    """The end of the connection proves nothing, the closing bracket does."""

    async def use(asker: Asker) -> None:
        assert (await asker.get("/no-length")).body == JSON_BODY

    asking(use)


def test_f019_cookies_are_neither_kept_nor_sent(asking: Asking) -> None:
    """Not even 75 KB of them; the server looks for them itself."""

    async def use(asker: Asker) -> None:
        for _ in range(2):
            assert (await asker.get("/cookie")).status == 200

    asking(use)


def test_f068_a_late_answer_is_not_taken_for_the_next_one(asking: Asking) -> None:
    """Its caller has gone, and so has its connection."""

    async def use(asker: Asker) -> None:
        assert (await asker.get("/ok")).status == 200
        assert isinstance(await asker.failure("/late"), RetryableError)
        for number in (1, 2):
            assert (await asker.get("/late")).body == b'{"number": %d}' % number
        assert asker.server.connections == 2

    asking(use)
