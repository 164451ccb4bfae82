import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import hpack
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.transport.answer_errors import UnansweredError
from adapters.http.transport.connection import RequestHead
from adapters.http.transport.http2_connection import Http2Connection
from adapters.http.transport.http2_exchange import STREAM_WINDOW, Http2Exchange
from adapters.http.transport.http2_frames import FrameReader, FrameType, frame, number_in
from adapters.http.transport.http2_receiver import CONNECTION_WINDOW
from tests.fakes.fake_stream_transport import FakeStreamTransport

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = frame(FrameType.SETTINGS, 0, 0)
GET = RequestHead(b"GET", b"https", b"a.test", b"/", [(b"accept", b"*/*")])


class Line:
    """A connection, and the other side of it."""

    def __init__(self) -> None:
        self.changes = 0
        self.connection = Http2Connection(lambda _: self._changed())
        self.other = FakeStreamTransport(self.connection)
        self.encoder = hpack.Encoder()

    def _changed(self) -> None:
        self.changes += 1

    async def ask(self, request: RequestHead = GET) -> asyncio.Task[Http2Exchange]:
        asked = asyncio.create_task(self.connection.send(request, 30.0))
        await asyncio.sleep(0)
        return asked

    def answer(self, stream: int, body: bytes = b"{}") -> bytes:
        head = self.encoder.encode([(":status", "200"), ("content-length", str(len(body)))])
        return frame(1, 4, stream, head) + frame(0, 1, stream, body)

    def sent(self) -> list[tuple[int, int, int, bytes]]:
        written = bytes(self.other.written)
        assert written.startswith(PREFACE)
        return FrameReader().feed(written.removeprefix(PREFACE))


def on_line[T](use: Callable[[Line], Awaitable[T]]) -> T:
    async def run() -> T:
        line = Line()
        try:
            return await use(line)
        finally:
            await line.connection.aclose()

    return asyncio.run(run())


async def read(exchange: Http2Exchange) -> bytes:
    return b"".join([piece async for piece in exchange])


def test_what_is_said_in_one_turn_goes_out_in_one_piece() -> None:
    """Greeting and requests together."""

    async def use(line: Line) -> None:
        writes = []
        line.other.write = lambda data: writes.append(bytes(data))  # type: ignore[method-assign]  # counts
        asked = [asyncio.create_task(line.connection.send(GET, 30.0)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(writes) <= 2
        assert b"".join(writes).startswith(PREFACE)
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    on_line(use)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=20), st.binary(max_size=200))
def test_the_exchange_is_the_same_however_the_bytes_arrive(cuts: list[int], body: bytes) -> None:
    """Two answers, cut anywhere."""

    async def use(line: Line) -> None:
        first, second = await line.ask(), await line.ask()
        data = SETTINGS + line.answer(3, body) + line.answer(1, b"other")
        for size in cuts:
            line.other.receive(data[:size])
            data = data[size:]
        line.other.receive(data)
        assert await read(await first) == b"other"
        assert await read(await second) == body
        assert line.connection.idle
        assert line.connection.available

    on_line(use)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_garbage_never_hangs_and_leaves_nothing_behind(garbage: bytes) -> None:
    """Whatever comes: the request ends by the connection's own end at the latest."""

    async def use(line: Line) -> None:
        asked = await line.ask()
        line.other.receive(SETTINGS)
        line.other.receive(garbage)
        line.other.end()
        await asyncio.wait((asked,))
        if asked.exception() is None:
            with contextlib.suppress(httpx.HTTPError):
                await read(asked.result())
        assert line.connection.closed
        assert line.connection.idle

    on_line(use)


def test_windows_are_opened_as_the_reader_takes() -> None:
    """Not before, and in amounts worth a frame."""

    async def use(line: Line) -> None:
        asked = await line.ask()
        line.other.receive(SETTINGS + frame(1, 4, 1, line.encoder.encode([(":status", "200")])))
        exchange = await asked
        for _ in range(STREAM_WINDOW // 16_384):
            line.other.receive(frame(0, 0, 1, b"x" * 16_384))
        await asyncio.sleep(0)
        assert [each for each in line.sent() if each[0] == FrameType.WINDOW_UPDATE][1:] == []
        pieces = aiter(exchange)
        for _ in range(STREAM_WINDOW // 16_384):
            await anext(pieces)
        await asyncio.sleep(0)
        updates = [each for each in line.sent() if each[0] == FrameType.WINDOW_UPDATE][1:]
        assert {stream for _, _, stream, _ in updates} == {1}
        assert sum(number_in(payload) for *_, payload in updates) == STREAM_WINDOW
        await exchange.aclose()

    on_line(use)


def test_the_connection_s_own_window_never_runs_out() -> None:
    """However much is read over it in time."""

    async def use(line: Line) -> None:
        line.other.receive(SETTINGS)
        for number in range(CONNECTION_WINDOW // 200_000 + 1):
            asked = await line.ask()
            stream = 2 * number + 1
            head = frame(1, 4, stream, line.encoder.encode([(":status", "200")]))
            line.other.receive(head)
            for _ in range(12):
                line.other.receive(frame(0, 0, stream, b"x" * 16_384))
            line.other.receive(frame(0, 1, stream, b"x" * 3_392))
            assert len(await read(await asked)) == 200_000
        await asyncio.sleep(0)
        granted = [p for kind, _, s, p in line.sent() if (kind, s) == (FrameType.WINDOW_UPDATE, 0)]
        assert sum(map(number_in, granted)) + 65_535 > CONNECTION_WINDOW

    on_line(use)


def test_a_drained_connection_closes_itself() -> None:
    """After GOAWAY it ends what is under way, takes nothing more, and goes."""

    async def use(line: Line) -> None:
        asked = await line.ask()
        line.other.receive(SETTINGS + frame(FrameType.GOAWAY, 0, 0, b"\0\0\0\1\0\0\0\0"))
        assert not line.connection.available
        assert not line.connection.closed
        with pytest.raises(UnansweredError) as caught:
            await line.connection.send(GET, 1.0)
        assert caught.value.untouched
        line.other.receive(line.answer(1))
        assert await read(await asked) == b"{}"
        assert line.connection.closed
        assert line.connection.take_failure() is None

    on_line(use)


def test_settings_are_acknowledged_and_pings_answered() -> None:
    """RFC 9113 sections 6.5.3 and 6.7; answers to ours are not answered."""

    async def use(line: Line) -> None:
        line.other.receive(SETTINGS + frame(FrameType.SETTINGS, 1, 0))
        line.other.receive(frame(FrameType.PING, 0, 0, b"12345678"))
        line.other.receive(frame(FrameType.PING, 1, 0, b"12345678"))
        await asyncio.sleep(0)
        kinds = [(kind, flags) for kind, flags, *_ in line.sent()]
        assert kinds == [(4, 0), (8, 0), (4, 1), (6, 1)]

    on_line(use)
