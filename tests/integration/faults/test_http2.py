"""HTTP/2 over TLS, from servers that speak it well and badly."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.transport.http2_exchange import STREAM_WINDOW
from adapters.http.wire import WireRequest, WireResponse
from adapters.system.system_clock import SystemClock
from domain.errors import FetchError, HostileError, RetryableError, ThrottledError
from domain.requests import Request, Trust
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.support.authority import AUTHORITY
from tests.support.http2_server import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    OK,
    PING,
    PUSH,
    SETTINGS,
    WINDOW,
    Http2Peer,
    Http2Server,
    Script,
    http2_server,
    raw_frame,
)

REFUSED, CANCEL, CALM, INTERNAL, HTTP_1_1 = 7, 8, 11, 2, 13
DEADLINES = Deadlines(total=5.0, connect=2.0, read=0.4)


pytestmark = pytest.mark.usefixtures("trusted")


class Client:
    """One exchange at a time or many; counts what was sent on the wire."""

    def __init__(self, server: Http2Server, wire: HttpxWire, client: httpx.AsyncClient) -> None:
        self.server = server
        self.wire = wire
        self.client = client

    async def get(self, path: str, max_bytes: int = 10_000_000) -> WireResponse:
        url = self.server.url + path
        request = Request(kind="x", url=url, trust=Trust.UNTRUSTED, max_bytes=max_bytes)
        return await self.wire.send(WireRequest(request, url))

    async def outcome(self, path: str) -> WireResponse | FetchError:
        try:
            return await self.get(path)
        except FetchError as error:
            return error

    async def post(self, path: str, content: bytes) -> WireResponse:
        url = self.server.url + path
        request = Request(kind="x", url=url, trust=Trust.UNTRUSTED, method="POST", content=content)
        return await self.wire.send(WireRequest(request, url))


@asynccontextmanager
async def connected(script: Script) -> AsyncGenerator[Client]:
    async with http2_server(script, AUTHORITY) as server:
        guard = SsrfGuard(["127.0.0.0/8"])
        resolver = FakeNameResolver({"good.test": [["127.0.0.1"]]})
        client = http_client(
            backend=PinnedBackend(resolver=resolver, guard=guard),
            deadlines=DEADLINES,
            user_agent="test",
            concurrency=64,
        )
        async with client:
            wire = HttpxWire(
                keyed=client,
                untrusted=client,
                guard=guard,
                base_url="https://api.test",
                clock=SystemClock(),
                counters=FetchCounters(),
                deadlines=DEADLINES,
            )
            yield Client(server, wire, client)


def story[T](
    script: Script,
    use: Callable[[Client], Awaitable[T]],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
) -> T:
    async def run() -> T:
        async with connected(script) as client, asyncio.timeout(20):
            return await use(client)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run())


async def answering(peer: Http2Peer, stream: int, path: str) -> None:
    peer.answer(stream, f'"{path}"'.encode())


def test_many_requests_share_one_connection(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Also those that come while the first connection is being made."""

    async def use(client: Client) -> None:
        paths = [f"/{number}" for number in range(60)]
        answers = await asyncio.gather(*(client.get(path) for path in paths))
        assert [each.body.decode() for each in answers] == [f'"{path}"' for path in paths]
        assert client.server.connections == 1
        asked = client.server.peers[0].fields[1]
        assert asked[":scheme"] == "https"
        assert asked[":authority"] == client.server.url.removeprefix("https://")
        assert asked["user-agent"] == "test"
        assert asked["accept"] == "application/json"

    story(answering, use, loop_factory)


def test_no_more_streams_than_the_upstream_bears() -> None:
    """Beyond its MAX_CONCURRENT_STREAMS requests take other connections."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        begun.set()
        waiting.append((peer, stream))
        if len(waiting) == 6:
            for each, number in waiting:
                each.answer(number)

    begun = asyncio.Event()
    waiting: list[tuple[Http2Peer, int]] = []

    async def use(client: Client) -> None:
        client.server.greeting = raw_frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 2))
        first = asyncio.create_task(client.get("/first"))
        await begun.wait()
        others = [client.get(f"/{number}") for number in range(5)]
        await asyncio.gather(first, *others)
        assert client.server.connections > 1
        assert len(client.server.peers[0].paths) == 2

    story(script, use)


def test_a_large_body_comes_whole_through_its_window() -> None:
    """Several times the window of a stream; both sides' windows are kept."""
    body = bytes(range(256)) * 8 * 1024

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.send(peer.head(stream, (*OK, ("content-length", str(len(body))))))
        sent = 0
        while sent < len(body):
            room = STREAM_WINDOW + peer.credit.get(stream, 0) - sent
            piece = body[sent : sent + min(16_384, room)]
            if not piece:
                await asyncio.sleep(0)
                continue
            sent += len(piece)
            end = END_STREAM if sent == len(body) else 0
            peer.send(raw_frame(DATA, end, stream, piece))

    async def scripted(peer: Http2Peer, stream: int, path: str) -> None:
        tasks.append(asyncio.create_task(script(peer, stream, path)))

    tasks: list[asyncio.Task[None]] = []

    async def use(client: Client) -> None:
        assert (await client.get("/")).body == body

    story(scripted, use)


def test_a_request_s_body_goes_out_as_the_windows_allow() -> None:
    """First the 65,535 bytes that every server grants, then what it grants later."""
    content = b"x" * 200_000

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path == "/":
            more = struct.pack(">I", 100_000)
            peer.send(raw_frame(WINDOW, 0, stream, more), raw_frame(WINDOW, 0, 0, more))
            more = struct.pack(">I", 50_000)
            peer.send(raw_frame(WINDOW, 0, 0, more), raw_frame(WINDOW, 0, stream, more))
        else:
            peer.answer(stream)

    async def use(client: Client) -> None:
        assert (await client.post("/", content)).status == 200
        assert client.server.peers[0].received == {1: 200_000}

    story(script, use)


def test_a_reader_that_stalls_holds_up_nobody_else() -> None:
    """Its window runs out; the others' answers come."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path != "/stalled":
            peer.answer(stream)
            return
        peer.send(peer.head(stream))
        for _ in range(STREAM_WINDOW // 16_384):
            peer.send(raw_frame(DATA, 0, stream, b"x" * 16_384))

    async def use(client: Client) -> None:
        async with client.client.stream("GET", client.server.url + "/stalled") as response:
            assert response.status_code == 200
            answers = await asyncio.gather(*(client.get(f"/{n}") for n in range(20)))
            assert {each.status for each in answers} == {200}
        assert client.server.connections == 1

    story(script, use)


def test_a_cancelled_request_leaves_the_others_unharmed() -> None:
    """Its stream is cancelled, the connection goes on."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        arrived.set()
        if path != "/slow":
            peer.answer(stream)

    arrived = asyncio.Event()

    async def use(client: Client) -> None:
        slow = asyncio.create_task(client.get("/slow"))
        await arrived.wait()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await client.get("/")).status == 200
        assert client.server.connections == 1
        assert client.server.peers[0].resets == {1: CANCEL}

    story(script, use)


def test_interim_answers_and_trailers_are_passed_over() -> None:
    """103 before, fields after."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.send(
            peer.head(stream, ((":status", "103"), ("link", "</x>"))),
            peer.head(stream),
            raw_frame(DATA, 0, stream, b"[1]"),
            peer.head(stream, (("checksum", "1"),), end=True),
        )

    async def use(client: Client) -> None:
        answer = await client.get("/")
        assert (answer.status, answer.body) == (200, b"[1]")
        assert "link" not in answer.headers

    story(script, use)


def test_f021_goaway_before_the_stream_ran_costs_nothing(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """The first three are answered on the old connection, the others on a new one."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if peer.number > 1:
            peer.answer(stream)
        elif len(peer.paths) == 8:
            peer.go_away(last=5)
            for each in (1, 3, 5):
                peer.answer(each)

    async def use(client: Client) -> None:
        answers = await asyncio.gather(*(client.get(f"/{n}") for n in range(8)))
        assert [each.status for each in answers] == [200] * 8
        assert client.server.connections == 2
        assert sorted(client.server.peers[1].paths) == [f"/{n}" for n in range(3, 8)]

    story(script, use, loop_factory)


def test_f021_a_request_with_a_body_goes_again_too() -> None:
    """The upstream said that it did nothing."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if peer.number == 1:
            peer.go_away(last=0)
        elif path == "end of body":
            peer.answer(stream)

    async def use(client: Client) -> None:
        assert (await client.post("/", b"x")).status == 200

    story(script, use)


def test_f022_being_asked_for_calm_is_being_throttled() -> None:
    """By GOAWAY as well as for one stream."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path == "/all":
            peer.go_away(0, CALM)
        else:
            peer.reset(stream, CALM)

    async def use(client: Client) -> None:
        for path in ("/one", "/all"):
            assert isinstance(await client.outcome(path), ThrottledError)

    story(script, use)


def test_f022_calm_is_wanted_although_the_stream_was_looked_at() -> None:
    """The connection ends without an answer; HTTP/2 is not to blame."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.go_away(stream, CALM)
        peer.close()

    async def use(client: Client) -> None:
        for number in range(4):
            assert isinstance(await client.outcome(f"/{number}"), ThrottledError)
        assert len(client.server.peers) == 4

    story(script, use)


def test_f023_a_stream_refused_for_want_of_room_waits_for_some() -> None:
    """The connection takes no more until an answer has ended."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if peer.number > 1:
            peer.answer(stream)
        elif path == "/first":
            first.append(stream)
            begun.set()
        else:
            peer.reset(stream, REFUSED)

    first: list[int] = []
    begun = asyncio.Event()

    async def use(client: Client) -> None:
        asked = asyncio.create_task(client.get("/first"))
        await begun.wait()
        assert (await client.get("/second")).status == 200
        assert client.server.peers[1].paths == ["/second"]
        client.server.peers[0].answer(first[0])
        assert (await asked).status == 200

    story(script, use)


def test_f023_a_refused_stream_goes_again() -> None:
    """Once more, and nobody notices."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if len(server_paths := peer.paths) == 1 and peer.number == 1:
            peer.reset(stream, REFUSED)
        else:
            assert server_paths
            peer.answer(stream)

    async def use(client: Client) -> None:
        assert (await client.get("/")).status == 200
        assert client.server.paths == ["/", "/"]

    story(script, use)


def test_f023_streams_that_are_always_refused_are_given_up() -> None:
    """Three times are enough."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.reset(stream, REFUSED)

    async def use(client: Client) -> None:
        assert isinstance(await client.outcome("/"), RetryableError)
        assert client.server.paths == ["/"] * 3

    story(script, use)


def test_f023_a_reset_in_the_middle_costs_one_answer() -> None:
    """Its siblings come whole, on the same connection."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        waiting[path] = stream
        if len(waiting) == 4:
            bad = waiting.pop("/bad")
            peer.send(peer.head(bad), raw_frame(DATA, 0, bad, b"[1,"))
            peer.reset(bad, INTERNAL)
            for each in waiting.values():
                peer.answer(each)

    waiting: dict[str, int] = {}

    async def use(client: Client) -> None:
        paths = ("/1", "/bad", "/2", "/3")
        outcomes = await asyncio.gather(*(client.outcome(path) for path in paths))
        assert isinstance(outcomes[1], RetryableError)
        assert not isinstance(outcomes[1], ThrottledError)
        assert all(isinstance(outcomes[n], WireResponse) for n in (0, 2, 3))
        assert client.server.connections == 1

    story(script, use)


@pytest.mark.parametrize(("length", "body"), [(5, b"123"), (3, b"12345"), (1, b"")])
def test_f024_a_body_of_another_length_than_announced(length: int, body: bytes) -> None:
    """Worth another try; the siblings are not touched."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path == "/good":
            peer.answer(stream)
            return
        peer.send(
            peer.head(stream, (*OK, ("content-length", str(length)))),
            raw_frame(DATA, END_STREAM, stream, body),
        )

    async def use(client: Client) -> None:
        bad, good = await asyncio.gather(client.outcome("/bad"), client.outcome("/good"))
        assert isinstance(bad, RetryableError)
        assert isinstance(good, WireResponse)

    story(script, use)


def test_f024_the_next_request_takes_another_connection() -> None:
    """One that brought a malformed answer is used no more."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        length = "5" if peer.number == 1 else "2"
        peer.send(
            peer.head(stream, (*OK, ("content-length", length))),
            raw_frame(DATA, END_STREAM, stream, b"{}"),
        )

    async def use(client: Client) -> None:
        assert isinstance(await client.outcome("/"), RetryableError)
        assert (await client.get("/")).status == 200
        assert client.server.connections == 2

    story(script, use)


def test_f025_a_connection_that_is_dead_is_left() -> None:
    """Nothing at all came for as long as a request waited."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if peer.number > 1:
            peer.answer(stream)

    async def use(client: Client) -> None:
        assert isinstance(await client.outcome("/1"), RetryableError)
        assert (await client.get("/2")).status == 200

    story(script, use)


def test_f019_huge_cookies_are_no_reason_to_refuse() -> None:
    """Nobody keeps them."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        block = b"\x88" + b"\x00\x0aset-cookie" + b"\x7f\xf9\xc8\x04" + b"a" * 75_000
        pieces = [block[at : at + 16_000] for at in range(0, len(block), 16_000)]
        peer.send(raw_frame(HEADERS, 0, stream, pieces[0]))
        for piece in pieces[1:-1]:
            peer.send(raw_frame(CONTINUATION, 0, stream, piece))
        peer.send(raw_frame(CONTINUATION, END_HEADERS, stream, pieces[-1]))
        peer.send(raw_frame(DATA, END_STREAM, stream, b"{}"))

    async def use(client: Client) -> None:
        assert (await client.get("/")).body == b"{}"

    story(script, use)


@pytest.mark.parametrize("after_head", [False, True])
def test_f025_a_stream_that_hangs_has_its_own_deadline(after_head: bool) -> None:
    """The others are answered meanwhile, and afterwards."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path != "/hangs":
            peer.answer(stream)
        elif after_head:
            peer.send(peer.head(stream), raw_frame(DATA, 0, stream, b"["))

    async def use(client: Client) -> None:
        hanging = asyncio.create_task(client.outcome("/hangs"))
        assert (await client.get("/1")).status == 200
        error = await hanging
        assert isinstance(error, RetryableError)
        assert "silent" in error.reason
        assert (await client.get("/2")).status == 200

    story(script, use)


def test_f026_a_host_whose_http2_fails_is_asked_in_http1() -> None:
    """Three connections that break, then HTTP/1.1."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.send(raw_frame(DATA, 0, 99, b"nobody asked"))

    async def use(client: Client) -> None:
        for number in range(3):
            assert isinstance(await client.outcome(f"/{number}"), RetryableError)
        assert (await client.get("/4")).status == 200
        assert (client.server.plain, len(client.server.peers)) == (["/4"], 3)

    story(script, use)


def test_f026_a_host_that_asks_for_http1_gets_it_at_once() -> None:
    """HTTP_1_1_REQUIRED."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.reset(stream, HTTP_1_1)

    async def use(client: Client) -> None:
        assert (await client.get("/1")).status == 200
        assert (await client.post("/2", b"")).status == 200
        assert client.server.plain == ["/1", "/2"]
        assert client.server.paths == ["/1"]

    story(script, use)


def flood(kind: int, payload: bytes = b"", stream: int = 0) -> bytes:
    return raw_frame(kind, 0, stream, payload) * 2_000


def head_in_pieces(peer: Http2Peer, stream: int) -> bytes:
    start = raw_frame(HEADERS, 0, stream, peer.block(OK))
    return start + raw_frame(CONTINUATION, 0, stream, b"") * 10_000


def endless_head(peer: Http2Peer, stream: int) -> bytes:
    start = raw_frame(HEADERS, 0, stream, peer.block(OK))
    return start + raw_frame(CONTINUATION, 0, stream, b"\x00\x01a\x7f\x81\x7e" + b"b" * 255) * 400


def hpack_bomb(peer: Http2Peer, stream: int) -> bytes:
    """A large field put into the table once, then named a thousand times in a byte each."""
    large = b"\x40\x01a\x7f\xf1\x1d" + b"b" * 4_000 + b"\xbe" * 1_000
    return raw_frame(HEADERS, END_HEADERS, stream, b"\x88" + large)


HOSTILE: dict[str, Callable[[Http2Peer, int], bytes]] = {
    "settings": lambda _peer, _stream: flood(SETTINGS),
    "pings": lambda _peer, _stream: flood(PING, b"12345678"),
    "empty data": lambda peer, stream: peer.head(stream) + flood(DATA, b"", stream),
    "unknown frames": lambda _peer, _stream: flood(0xFA),
    "continuations": head_in_pieces,
    "an endless head": endless_head,
    "a head that unpacks to megabytes": hpack_bomb,
    "interim answers": lambda peer, stream: b"".join(
        peer.head(stream, ((":status", "103"),)) for _ in range(100)
    ),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_f006_f018_a_flood_of_frames_is_hostile(attack: str) -> None:
    """Bounded, and never asked for again."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        peer.send(HOSTILE[attack](peer, stream))

    async def use(client: Client) -> None:
        error = await client.outcome("/")
        assert isinstance(error, HostileError), error

    story(script, use)


BROKEN: dict[str, Callable[[Http2Peer, int], bytes]] = {
    "a push": lambda peer, stream: raw_frame(
        PUSH, END_HEADERS, stream, struct.pack(">I", 2) + peer.block(OK)
    ),
    "a frame of a stream that nobody opened": lambda _peer, _stream: raw_frame(DATA, 0, 77, b"x"),
    "a frame too large": lambda _peer, stream: raw_frame(DATA, 0, stream, b"x" * 16_385),
    "all padding": lambda _peer, stream: raw_frame(DATA, 8, stream, b"\xff1"),
    "settings of a wrong size": lambda _peer, _stream: raw_frame(SETTINGS, 0, 0, b"1234567"),
    "a window of no size": lambda _peer, _stream: raw_frame(WINDOW, 0, 0, b"\0\0\0\0"),
    "a window too large": lambda _peer, _stream: raw_frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff"),
    "a short ping": lambda _peer, _stream: raw_frame(PING, 0, 0, b"1"),
    "a head that cannot be unpacked": lambda _peer, stream: raw_frame(
        HEADERS, END_HEADERS, stream, b"\xff\xff\xff\xff\xff\xff"
    ),
    "a head that is interrupted": lambda peer, stream: (
        raw_frame(HEADERS, 0, stream, peer.block(OK)) + raw_frame(DATA, 1, stream, b"x")
    ),
    "a continuation of nothing": lambda peer, stream: raw_frame(
        CONTINUATION, END_HEADERS, stream, peer.block(OK)
    ),
    "a body without a head": lambda _peer, stream: raw_frame(DATA, 1, stream, b"x"),
    "no status": lambda peer, stream: peer.head(stream, (("a", "b"),), end=True),
    "a status that is none": lambda peer, stream: peer.head(stream, ((":status", "2x0"),)),
    "capital letters": lambda peer, stream: peer.head(stream, (*OK, ("Etag", "1"))),
    "a field of the connection": lambda peer, stream: peer.head(
        stream, (*OK, ("transfer-encoding", "chunked"))
    ),
    "a line break": lambda peer, stream: peer.head(stream, (*OK, ("a", "b\r\nc: d"))),
    "two lengths": lambda peer, stream: peer.head(
        stream, (*OK, ("content-length", "1"), ("content-length", "2"))
    ),
    "more than was granted": lambda peer, stream: (
        peer.head(stream) + raw_frame(DATA, 0, stream, b"x" * 16_384) * 40
    ),
    "the end": lambda _peer, _stream: b"",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_f017_what_is_not_http2_is_worth_another_try(fault: str) -> None:
    """The request fails at once, and the next one is answered."""

    async def script(peer: Http2Peer, stream: int, path: str) -> None:
        if path == "/good":
            peer.answer(stream)
            return
        peer.send(BROKEN[fault](peer, stream))
        if fault == "the end":
            peer.close()

    async def use(client: Client) -> None:
        if fault == "more than was granted":
            async with client.client.stream("GET", client.server.url + "/bad") as response:
                assert (await client.get("/good")).status == 200  # in order: after the flood
                with pytest.raises(httpx.RemoteProtocolError):
                    await response.aread()
        else:
            error = await client.outcome("/bad")
            assert isinstance(error, RetryableError), error
            assert "silent" not in error.reason
        assert (await client.get("/good")).status == 200

    story(script, use)


def test_f017_a_connection_that_does_not_begin_with_settings() -> None:
    """Not HTTP/2 at all."""

    async def use(client: Client) -> None:
        client.server.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        assert isinstance(await client.outcome("/"), RetryableError)

    story(answering, use)
