import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.transport import http1_connection
from adapters.http.transport.answer_errors import HostileAnswerError, UnansweredError
from adapters.http.transport.connection import RequestHead
from adapters.http.transport.http1_connection import Http1Connection
from adapters.http.transport.http1_exchange import HIGH_WATER, Http1Exchange
from tests.fakes.fake_stream_transport import FakeSocket, FakeStreamTransport

LENGTH = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "1"\r\n\r\nhello'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nX-Trailer: z\r\n\r\n"
)
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + LENGTH


def get(method: bytes = b"GET", body: bytes = b"") -> RequestHead:
    return RequestHead(method, b"http", b"a.test", b"/", [], body)


class Line:
    """A connection, and the other side of it."""

    def __init__(self) -> None:
        self.changes: list[tuple[bool, bool]] = []
        self.connection = Http1Connection(
            lambda connection: self.changes.append((connection.available, connection.closed))
        )
        self.other = FakeStreamTransport(self.connection)

    def ask(
        self, request: RequestHead | None = None, read_timeout: float = 30.0
    ) -> asyncio.Task[Http1Exchange]:
        return asyncio.create_task(self.connection.send(request or get(), read_timeout))

    async def sent(self) -> None:
        """A request is written in the turn of the loop after the one that sends it."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def answered(
        self, *pieces: bytes, request: RequestHead | None = None, end: bool = False
    ) -> Http1Exchange:
        asked = self.ask(request)
        await self.sent()
        for piece in pieces:
            self.other.receive(piece)
        if end:
            self.other.end()
        return await asked


async def read(exchange: Http1Exchange) -> bytes:
    return b"".join([piece async for piece in exchange])


def on_line[T](use: Callable[[Line], Awaitable[T]]) -> T:
    async def run() -> T:
        line = Line()
        try:
            return await use(line)
        finally:
            await line.connection.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, INTERIM], ids=["length", "chunked", "interim"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_it_does_not_matter_how_an_answer_is_split(answer: bytes, data: st.DataObject) -> None:
    """Byte by byte or at random places: the same status, fields and body, and a free connection."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(answer) - 1))))
    pieces = [answer[a:b] for a, b in zip([0, *cuts], [*cuts, len(answer)], strict=True)]

    async def use(line: Line) -> None:
        exchange = await line.answered(*pieces)
        assert exchange.status == 200
        assert (b"link", b"</x>") not in exchange.headers
        assert await read(exchange) == b"hello"
        assert line.connection.available

    on_line(use)


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, INTERIM], ids=["length", "chunked", "interim"])
def test_an_answer_may_come_byte_by_byte(answer: bytes) -> None:
    """The smallest pieces there are."""

    async def use(line: Line) -> bytes:
        return await read(await line.answered(*[bytes([byte]) for byte in answer]))

    assert on_line(use) == b"hello"


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([LENGTH, CHUNKED, b"HTTP/1.1 200", b"\r\n"]))
)
def test_garbage_never_hangs_and_never_leaks(pieces: list[bytes]) -> None:
    """Whatever comes, then the end: an answer or one of httpx's errors; nothing is left open."""

    async def use(line: Line) -> None:
        with suppress(httpx.TransportError):
            await read(await line.answered(*pieces, end=True))
        await asyncio.sleep(0)
        assert line.connection.closed
        assert line.connection.idle

    on_line(use)


def test_one_connection_serves_many_exchanges() -> None:
    """Also after an answer to HEAD, whose length says nothing of a body."""

    async def use(line: Line) -> list[bytes]:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
        first = await line.answered(LENGTH)
        second = await line.answered(head, request=get(b"HEAD"))
        third = await line.answered(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
        fourth = await line.answered(CHUNKED)
        assert (second.whole(), third.whole()) == (b"", b"")
        assert line.other.written.count(b" HTTP/1.1\r\n") == 4
        return [await read(first), await read(fourth)]

    assert on_line(use) == [b"hello", b"hello"]


def test_a_whole_body_is_taken_at_once() -> None:
    """And not while some of it is missing."""

    async def use(line: Line) -> None:
        exchange = await line.answered(LENGTH[:-1])
        assert exchange.whole() is None
        line.other.receive(LENGTH[-1:])
        assert exchange.whole() == b"hello"

    on_line(use)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
        b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: %s\r\n" % (b"b" * 70_000) + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: bcdefghij\r\n" * 6_000 + b"\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000,
    ],
    ids=lambda answer: answer[:60].decode("latin-1"),
)
def test_f006_f016_f017_f018_what_no_honest_server_sends_is_hostile(answer: bytes) -> None:
    """At once, whole or in small pieces; the connection is closed."""

    async def use(line: Line) -> None:
        pieces = [answer[i : i + 1000] for i in range(0, len(answer), 1000)]
        with pytest.raises(HostileAnswerError):
            await line.answered(*pieces)
        assert line.other.aborted

    async def at_once(line: Line) -> None:
        with pytest.raises(HostileAnswerError):
            await line.answered(answer)
        assert line.other.aborted

    on_line(use)
    on_line(at_once)


def test_f006_a_trailer_without_end_is_refused() -> None:
    """A body's cap does not see it."""

    async def use(line: Line) -> None:
        exchange = await line.answered(CHUNKED[: -len(b"\r\n")] + b"X: ")
        for _ in range(200):
            line.other.receive(b"y" * 1000)
        with pytest.raises(HostileAnswerError):
            await read(exchange)
        assert line.other.aborted

    on_line(use)


def test_f019_cookies_do_not_count_towards_the_head() -> None:
    """75 KB of them, which nobody keeps."""

    async def use(line: Line) -> int:
        cookie = b"Set-Cookie: a=" + b"b" * 75_000 + b"\r\n"
        exchange = await line.answered(LENGTH.replace(b"ETag", cookie + b"ETag"))
        assert await read(exchange) == b"hello"
        return exchange.status

    assert on_line(use) == 200


@pytest.mark.parametrize(
    "surplus", [b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], ids=["bytes", "answer"]
)
def test_f012_surplus_bytes_close_the_connection(surplus: bytes) -> None:
    """They are not taken for the next answer, whether they come with this one or after it."""

    async def together(line: Line) -> None:
        exchange = await line.answered(LENGTH + surplus)
        assert await read(exchange) == b"hello"
        assert line.connection.closed

    async def later(line: Line) -> None:
        exchange = await line.answered(LENGTH)
        line.other.receive(surplus)
        assert await read(exchange) == b"hello"
        assert line.connection.closed

    on_line(together)
    on_line(later)


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED], ids=["f011_length", "f014_chunked"])
def test_f011_f014_a_body_that_is_cut_is_an_error(answer: bytes) -> None:
    """What had come is handed out before."""

    async def use(line: Line) -> bytes:
        exchange = await line.answered(answer[: answer.index(b"hel") + 3], end=True)
        pieces = aiter(exchange)
        seen = await anext(pieces)
        with pytest.raises(httpx.RemoteProtocolError, match="before the answer did"):
            await anext(pieces)
        return seen

    assert on_line(use) == b"hel"


def test_f014_a_chunk_that_is_no_chunk_is_an_error() -> None:
    """Perhaps an accident: it may be tried again."""

    async def use(line: Line) -> None:
        exchange = await line.answered(CHUNKED[: CHUNKED.index(b"2;x")] + b"zz\r\n")
        with pytest.raises(httpx.RemoteProtocolError) as caught:
            await read(exchange)
        assert not isinstance(caught.value, HostileAnswerError)

    on_line(use)


def test_f013_a_body_without_length_ends_with_its_connection() -> None:
    """It says so of itself, for nothing else proves that it is whole."""

    async def use(line: Line) -> bytes:
        exchange = await line.answered(b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo", end=True)
        assert exchange.close_delimited
        return await read(exchange)

    assert on_line(use) == b"hello"


def test_f015_a_broken_connection_is_an_error() -> None:
    """Of its own kind, with the system's words."""

    async def use(line: Line) -> None:
        exchange = await line.answered(LENGTH[:-1])
        line.other.end(ConnectionResetError("reset"))
        with pytest.raises(httpx.ReadError, match="reset"):
            await read(exchange)

    on_line(use)


def test_a_kept_connection_that_was_closed_meanwhile_is_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only when it had been at rest and nothing came: then the request may go again."""

    async def busy(line: Line) -> None:
        await line.answered(LENGTH)
        with pytest.raises(httpx.RemoteProtocolError, match="without an answer"):
            await line.answered(end=True)

    on_line(busy)
    monkeypatch.setattr(http1_connection, "REST", 0.0)

    async def use(line: Line) -> None:
        await line.answered(LENGTH)
        with pytest.raises(UnansweredError):
            await line.answered(end=True)

    async def first(line: Line) -> None:
        with pytest.raises(httpx.RemoteProtocolError, match="without an answer"):
            await line.answered(end=True)

    async def begun(line: Line) -> None:
        await line.answered(LENGTH)
        with pytest.raises(httpx.RemoteProtocolError, match="without an answer"):
            await line.answered(b"HTTP/1.1 2", end=True)

    for each in (use, first, begun):
        on_line(each)


def test_an_idle_connection_that_ends_is_closed() -> None:
    """The pool hears of it."""

    async def use(line: Line) -> None:
        await line.answered(LENGTH)
        line.other.end()
        assert line.connection.closed
        assert line.changes == [(True, False), (False, True)]
        with pytest.raises(UnansweredError):
            await line.connection.send(get(), 1.0)

    on_line(use)


@pytest.mark.parametrize(
    "answer",
    [
        LENGTH.replace(b"ETag", b"Connection: close\r\nETag"),
        LENGTH.replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
    ids=["close", "http_1_0"],
)
def test_a_connection_that_will_not_be_kept_is_closed(answer: bytes) -> None:
    """RFC 9112 section 9.3."""

    async def use(line: Line) -> bytes:
        exchange = await line.answered(answer)
        assert line.connection.closed
        return await read(exchange)

    assert on_line(use) == b"hello"


def test_reading_pauses_while_nobody_takes_the_body() -> None:
    """Memory stays bounded; taking it starts the reading again."""

    async def use(line: Line) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        exchange = await line.answered(head)
        sent = 0
        while not line.other.paused:
            line.other.receive(b"x" * 10_000)
            sent += 10_000
        assert sent <= HIGH_WATER + 10_000
        body = aiter(exchange)
        taken = 0
        while line.other.paused:
            taken += len(await anext(body))
        assert taken >= sent - HIGH_WATER // 2
        await exchange.aclose()

    on_line(use)


def test_a_body_that_ends_while_paused_frees_the_connection() -> None:
    """The next exchange is read again."""

    async def use(line: Line) -> None:
        size = HIGH_WATER + 2
        exchange = await line.answered(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, b"x" * (size - 1)
        )
        assert line.other.paused
        line.other.receive(b"x")  # what was on its way when reading paused
        assert not line.other.paused
        assert line.connection.available
        assert len(await read(exchange)) == size

    on_line(use)


def test_f002_silence_ends_the_exchange() -> None:
    """Before the head, and between two pieces of a body."""

    async def silent(line: Line) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await line.ask(read_timeout=0.01)
        assert line.other.aborted

    async def in_between(line: Line) -> None:
        asked = line.ask(read_timeout=0.02)
        await line.sent()
        line.other.receive(LENGTH[:-2])
        with pytest.raises(httpx.ReadTimeout):
            await read(await asked)

    on_line(silent)
    on_line(in_between)


def test_a_request_that_nobody_takes_is_given_up() -> None:
    """The other side reads none of it."""

    async def use(line: Line) -> None:
        line.other.unsent = 100
        with pytest.raises(httpx.WriteTimeout):
            await line.ask(read_timeout=0.01)

    on_line(use)


def test_a_slow_upload_that_goes_on_is_not_given_up() -> None:
    """While the other side takes some of it, its silence means nothing."""

    async def use(line: Line) -> None:
        line.other.unsent = 200_000
        asked = line.ask(get(b"POST", b"x" * 200_000), read_timeout=0.05)
        for _ in range(19):
            await asyncio.sleep(0.01)
            line.other.unsent -= 10_000
        assert not asked.done()
        line.other.unsent = 0
        line.other.receive(LENGTH)
        assert await read(await asked) == b"hello"

    on_line(use)


def test_an_answer_before_the_request_is_sent_closes_the_connection() -> None:
    """It is read; what is left of the request would be taken for the next one."""

    async def use(line: Line) -> bytes:
        asked = line.ask(get(b"POST", b"x" * 200_000))
        await line.sent()
        line.other.unsent = 100_000
        line.other.receive(LENGTH)
        exchange = await asked
        assert line.connection.closed
        return await read(exchange)

    assert on_line(use) == b"hello"


def test_requests_of_one_turn_are_written_after_all_of_its_work() -> None:
    """One that sends later in the turn is as early as the first."""
    written: list[int] = []

    async def run() -> None:
        first, second = Line(), Line()
        lines = (first, second)

        async def look() -> None:
            written.extend(len(line.other.written) for line in lines)

        asked = [first.ask(), second.ask(), asyncio.create_task(look())]
        await first.sent()
        written.extend(len(line.other.written) for line in lines)
        for line in lines:
            line.other.receive(LENGTH)
        await asyncio.wait(asked)
        for line in lines:
            await line.connection.aclose()

    asyncio.run(run())
    before, after = written[:2], written[2:]
    assert before == [0, 0]
    assert after[0] == after[1] > 0


@pytest.mark.parametrize("happens", ["bytes", "end", "loss"])
def test_a_request_that_was_not_on_its_way_can_go_elsewhere(happens: str) -> None:
    """Whatever its method: nobody has seen it. Bytes that nobody asked for are no answer to it."""

    async def use(line: Line) -> None:
        asked = line.ask(get(b"POST", b"x"))
        await asyncio.sleep(0)
        if happens == "bytes":
            line.other.receive(LENGTH)
        else:
            line.other.end(OSError() if happens == "loss" else None)
        with pytest.raises(UnansweredError) as caught:
            await asked
        assert caught.value.untouched
        assert line.connection.closed
        assert not line.other.written

    on_line(use)


def test_f068_a_late_answer_reaches_nobody() -> None:
    """A caller who went away takes the connection along."""

    async def use(line: Line) -> None:
        asked = line.ask()
        await line.sent()
        asked.cancel()
        await asyncio.wait((asked,))
        assert line.other.aborted
        line.connection.data_received(LENGTH)
        assert line.connection.closed

    on_line(use)


def test_an_exchange_that_is_dropped_takes_its_connection_along() -> None:
    """Unless it had been received whole."""

    async def dropped(line: Line) -> bool:
        await (await line.answered(LENGTH[:-1])).aclose()
        return line.connection.closed

    async def whole(line: Line) -> bool:
        await (await line.answered(LENGTH)).aclose()
        return line.connection.closed

    assert on_line(dropped)
    assert not on_line(whole)


def test_a_request_that_may_not_be_sent_leaves_the_connection_free() -> None:
    """Nothing of it was written."""

    async def use(line: Line) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await line.connection.send(RequestHead(b"GET", b"http", b"a.test", b"/ x", []), 1.0)
        assert line.connection.available
        assert not line.other.written

    on_line(use)


_needs_quick_ack = pytest.mark.skipif(
    not hasattr(socket, "TCP_QUICKACK"), reason="the system delays acknowledgements as it likes"
)


def _acknowledged(line: Line) -> int:
    assert line.other.socket is not None
    expected = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    assert set(line.other.socket.options) <= {expected}
    return len(line.other.socket.options)


@_needs_quick_ack
def test_an_answer_in_pieces_is_acknowledged_promptly() -> None:
    """Once an answer, since sending the next request makes the system forget it."""

    async def use(line: Line) -> None:
        await line.answered(LENGTH[:-4], LENGTH[-4:-2], LENGTH[-2:])
        assert _acknowledged(line) == 1
        await line.answered(CHUNKED[:-4], CHUNKED[-4:])
        assert _acknowledged(line) == 2
        await line.answered(LENGTH)
        assert _acknowledged(line) == 2

    on_line(use)


@_needs_quick_ack
def test_an_answer_is_read_where_nothing_can_be_acknowledged_promptly() -> None:
    async def use(line: Line, socket_there: FakeSocket | None) -> None:
        line.other.socket = socket_there
        exchange = await line.answered(LENGTH[:-2], LENGTH[-2:])
        assert await read(exchange) == b"hello"

    broken = FakeSocket()
    broken.broken = OSError(errno.EBADF, "Bad file descriptor")
    on_line(lambda line: use(line, broken))
    on_line(lambda line: use(line, None))
