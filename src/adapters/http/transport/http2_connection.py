"""HTTP/2 over one connection (RFC 9113)."""

import asyncio
from collections.abc import Callable
from typing import cast

import httpx

from adapters.http.transport.answer_errors import HostileAnswerError, UnansweredError
from adapters.http.transport.connection import Connection, RequestHead
from adapters.http.transport.http2_deadlines import Http2Deadlines
from adapters.http.transport.http2_exchange import (
    STREAM_WINDOW,
    Http2Exchange,
    StreamError,
    StreamOwner,
)
from adapters.http.transport.http2_frames import (
    FIRST_WINDOW,
    PREFACE,
    ErrorCode,
    Flag,
    Frame,
    FrameReader,
    FrameType,
    Http2ProtocolError,
    Setting,
    error_name,
    frame,
    goaway_frame,
    goaway_in,
    number_frame,
    number_in,
    settings_frame,
    settings_in,
    unpadded,
)
from adapters.http.transport.http2_headers import LARGEST_HEAD, request_block
from adapters.http.transport.http2_heads import Head, Http2Heads
from adapters.http.transport.http2_outbox import Http2Outbox
from adapters.http.transport.http2_uploads import Http2Uploads
from domain.errors import ThrottledError

MOST_STREAMS = 100
"""Exchanges at once, also where the other side would bear more."""

CONNECTION_WINDOW = MOST_STREAMS * STREAM_WINDOW
"""So much may wait for all readers together: no reader can hold up another's stream."""

MOST_USELESS = 1_000
"""Frames that bring no answer on (SETTINGS, PING, empty DATA, …) in a row: more are a flood."""

_SETTINGS = {
    Setting.ENABLE_PUSH: 0,
    Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
    Setting.MAX_HEADER_LIST_SIZE: LARGEST_HEAD,
}
_LAST_STREAM = 2**31 - 3
_CALM = ErrorCode.ENHANCE_YOUR_CALM


class Http2Connection(asyncio.Protocol, Connection, StreamOwner):
    """Carries many exchanges at once.

    An answer that breaks the rules of its stream costs that stream; one that breaks the
    connection's rules costs all of them.

    Args:
        on_change: called after `available`, `idle` or `closed` has changed.

    Attributes:
        failure: why the connection is of no use, where the other side is to blame.
        code: what the other side gave as the reason, if it gave one.
    """

    http_version = b"HTTP/2"

    def __init__(self, on_change: Callable[[Connection], None]) -> None:
        self.failure: Exception | None = None
        self.code: int | None = None
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._out = Http2Outbox()
        self._frames = FrameReader()
        self._heads = Http2Heads()
        self._exchanges: dict[int, Http2Exchange] = {}
        self._next = 1
        self._most = MOST_STREAMS
        self._greeted = False
        self._draining = False
        self._closing = False
        self._useless = 0
        self._received = 0
        self._uploads = Http2Uploads(self._out)
        self._deadlines = Http2Deadlines(self._exchanges, self._silent)

    @property
    def available(self) -> bool:
        """Whether one more exchange can be sent now."""
        ready = not self._closing and not self._draining and self._next <= _LAST_STREAM
        return ready and len(self._exchanges) < self._most

    @property
    def idle(self) -> bool:
        """Whether no exchange is under way."""
        return not self._exchanges

    @property
    def closed(self) -> bool:
        """Whether it is of no more use at all."""
        return self._closing

    async def send(self, request: RequestHead, read_timeout: float) -> Http2Exchange:
        """Send a request and wait for the head of its answer.

        Raises:
            UnansweredError: the other side says that it did nothing; it can go elsewhere.
            ThrottledError: the other side asks for calm.
            HostileAnswerError: an answer that no honest server sends.
            httpx.TransportError: anything else that leaves no answer.
        """
        if not self.available:
            message = "the connection takes no more requests"
            raise UnansweredError(message, untouched=True)
        block = request_block(request)
        exchange = Http2Exchange(self, request.method, self._next, read_timeout)
        self._next += 2
        self._uploads.begin(exchange)
        self._exchanges[exchange.stream] = exchange
        self._out.write_head(exchange.stream, block, end=not request.body)
        self._deadlines.start(exchange)
        try:
            if request.body:
                await self._uploads.send(exchange, request.body)
            await exchange.begun()
        except asyncio.CancelledError:
            await self.abandon(exchange)
            raise
        return exchange

    async def aclose(self) -> None:
        """Close it, and wait until it is closed."""
        self.close()
        if self._out.transport is not None:
            await asyncio.wait((self._lost,))

    def close(self) -> None:
        """Close it at once."""
        self._shut(httpx.ReadError("the connection was closed"))

    async def abandon(self, exchange: Http2Exchange) -> None:
        """Cancel one stream; the others go on."""
        self._reset(exchange, httpx.ReadError("the answer was abandoned"), ErrorCode.CANCEL)

    def grant(self, exchange: Http2Exchange, size: int) -> None:
        """Let the other side send so many bytes more."""
        if not exchange.ended and not self._closing:
            self._out.write(number_frame(FrameType.WINDOW_UPDATE, exchange.stream, size))

    # asyncio's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet; uvloop's transports are no subclasses of asyncio's."""
        self._out.transport = cast(asyncio.Transport, transport)
        more = CONNECTION_WINDOW - FIRST_WINDOW
        greeting = (settings_frame(_SETTINGS), number_frame(FrameType.WINDOW_UPDATE, 0, more))
        self._out.write(PREFACE + b"".join(greeting))

    def data_received(self, data: bytes) -> None:
        """Take frame by frame."""
        try:
            for each in self._frames.feed(data):
                self._take(each)
                if self._closing:
                    return
        except Http2ProtocolError as error:
            self._refuse(error, error.code)
        except HostileAnswerError as error:
            self._refuse(error, _CALM)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those under way."""
        self._out.transport = None
        message = "the connection ended before the answer did"
        failure = httpx.ReadError(str(exc)) if exc else httpx.RemoteProtocolError(message)
        if self._exchanges:
            self.failure = self.failure or failure
        self._shut(failure)
        if not self._lost.done():
            self._lost.set_result(None)

    def pause_writing(self) -> None:
        """Bodies of requests wait; all else is small."""
        self._out.paused = True

    def resume_writing(self) -> None:
        """Bodies of requests go on."""
        self._out.paused = False
        self._uploads.look_again()

    # frames

    def _take(self, received: Frame) -> None:
        kind, flags, stream, payload = received
        if kind == FrameType.DATA and self._greeted:
            self._take_data(flags, stream, payload)
        elif kind == FrameType.HEADERS and self._greeted:
            self._expect_no_continuation()
            self._take_head(self._heads.begin(flags, stream, payload))
        elif kind == FrameType.CONTINUATION and self._greeted:
            self._take_head(self._heads.go_on(flags, stream, payload))
        else:
            self._expect_no_continuation()
            self._count_useless()
            self._take_control(kind, flags, stream, payload)

    def _take_control(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if not self._greeted and (kind != FrameType.SETTINGS or flags & Flag.ACK):
            message = "the connection does not begin as HTTP/2 does"
            raise Http2ProtocolError(message)
        self._greeted = True
        match kind:
            case FrameType.SETTINGS:
                self._take_settings(flags, stream, payload)
            case FrameType.WINDOW_UPDATE:
                self._take_window(stream, number_in(payload))
            case FrameType.PING:
                self._take_ping(flags, stream, payload)
            case FrameType.RST_STREAM:
                self._take_reset(stream, number_in(payload))
            case FrameType.GOAWAY:
                self._take_goaway(*goaway_in(payload))
            case FrameType.PUSH_PROMISE:
                message = "a push that was forbidden"
                raise Http2ProtocolError(message)
            case _:
                pass  # RFC 9113 section 5.5: what is not known is passed over

    def _take_data(self, flags: int, stream: int, payload: bytes) -> None:
        self._expect_no_continuation()
        exchange = self._exchange(stream)
        size = len(payload)
        self._received += size
        if self._received > CONNECTION_WINDOW:
            message = "more data than was granted"
            raise Http2ProtocolError(message, ErrorCode.FLOW_CONTROL_ERROR)
        if self._received >= CONNECTION_WINDOW // 2:
            self._out.write(number_frame(FrameType.WINDOW_UPDATE, 0, self._received))
            self._received = 0
        data = unpadded(flags, payload)
        ends = bool(flags & Flag.END_STREAM)
        if exchange is None or not (data or ends):
            self._count_useless()
        else:
            self._useless = 0
        if exchange is not None:
            try:
                exchange.take_data(data, size, ends=ends)
            except StreamError as error:
                self._reset(exchange, error.failure, error.code)
            else:
                self._brought_on(exchange)

    def _take_head(self, head: Head | None) -> None:
        if head is None:
            self._count_useless()
            return
        stream, fields, ends = head
        exchange = self._exchange(stream)
        if exchange is None:
            self._count_useless()
            return
        try:
            final = exchange.take_head(fields, ends=ends)
        except StreamError as error:
            self._reset(exchange, error.failure, error.code)
        else:
            if final:
                self._useless = 0
                self._brought_on(exchange)
            else:
                self._count_useless()

    def _take_goaway(self, last: int, code: int) -> None:
        """What came after `last` was not looked at; what came before goes on."""
        self._draining = True
        if code not in (ErrorCode.NO_ERROR, _CALM):
            self._blame(code)
        for exchange in [each for each in self._exchanges.values() if each.stream > last]:
            self._drop(exchange, _refusal(code, "the upstream goes away"))
        self._changed()

    def _take_reset(self, stream: int, code: int) -> None:
        exchange = self._exchange(stream)
        if exchange is None:
            return
        if code in (ErrorCode.REFUSED_STREAM, _CALM):
            failure = _refusal(code, "the upstream refused the request")
        else:
            failure = httpx.RemoteProtocolError(f"the upstream reset: {error_name(code)}")
        if code == ErrorCode.HTTP_1_1_REQUIRED:
            self._draining = True
            self._blame(code)
        self._drop(exchange, failure)
        self._changed()

    def _take_window(self, stream: int, more: int) -> None:
        if not stream:
            self._uploads.allow(more)
            return
        exchange = self._exchange(stream)
        if exchange is not None and not self._uploads.allow_stream(exchange, more):
            failure = httpx.RemoteProtocolError("the answer is malformed: its window")
            self._reset(exchange, failure, ErrorCode.FLOW_CONTROL_ERROR)

    def _take_settings(self, flags: int, stream: int, payload: bytes) -> None:
        if stream or (flags & Flag.ACK and payload):
            message = "settings of a stream"
            raise Http2ProtocolError(message)
        if flags & Flag.ACK:
            return
        for key, value in settings_in(payload):
            if key == Setting.MAX_CONCURRENT_STREAMS:
                self._most = min(MOST_STREAMS, value)
            elif key == Setting.INITIAL_WINDOW_SIZE:
                self._uploads.resize(value, self._exchanges.values())
            elif key == Setting.HEADER_TABLE_SIZE:
                self._out.table_changed()
        self._out.write(frame(FrameType.SETTINGS, Flag.ACK, 0))
        self._changed()

    def _take_ping(self, flags: int, stream: int, payload: bytes) -> None:
        if stream or len(payload) != len(b"12345678"):
            message = "a malformed ping"
            raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
        if not flags & Flag.ACK:
            self._out.write(frame(FrameType.PING, Flag.ACK, 0, payload))

    # our own

    def _exchange(self, stream: int) -> Http2Exchange | None:
        """The stream's exchange; None for one that is over."""
        exchange = self._exchanges.get(stream)
        if exchange is None and (stream % 2 == 0 or stream >= self._next):
            message = "a frame of a stream that nobody opened"
            raise Http2ProtocolError(message)
        return exchange

    def _expect_no_continuation(self) -> None:
        if self._heads.pending:
            message = "a head that is not continued"
            raise Http2ProtocolError(message)

    def _count_useless(self) -> None:
        self._useless += 1
        if self._useless > MOST_USELESS:
            message = "a flood of frames without use"
            raise HostileAnswerError(message)

    def _brought_on(self, exchange: Http2Exchange) -> None:
        if not exchange.complete:
            self._deadlines.heard(exchange)
            return
        del self._exchanges[exchange.stream]
        if exchange.sending:
            self._uploads.look_again()
        self._changed()

    def _drop(self, exchange: Http2Exchange, failure: Exception) -> None:
        """End an exchange without telling the other side."""
        self._exchanges.pop(exchange.stream, None)
        exchange.fail(failure)
        if exchange.sending:
            self._uploads.look_again()

    def _reset(self, exchange: Http2Exchange, failure: Exception, code: ErrorCode) -> None:
        """End an exchange, and tell the other side; nothing else is touched."""
        if self._exchanges.get(exchange.stream) is exchange and not self._closing:
            self._out.write(number_frame(FrameType.RST_STREAM, exchange.stream, code))
            self._drop(exchange, failure)
            self._changed()

    def _changed(self) -> None:
        if self._draining and not self._exchanges and not self._closing:
            self._say_goodbye(ErrorCode.NO_ERROR)
            self._shut(httpx.ReadError("the connection was drained"))
        else:
            self._on_change(self)

    def _blame(self, code: int) -> None:
        self.code = code
        message = f"the upstream ended the connection: {error_name(code)}"
        self.failure = httpx.RemoteProtocolError(message)

    def _refuse(self, failure: Exception, code: ErrorCode) -> None:
        """The connection is of no more use, and the other side is to blame."""
        self.failure = failure
        self._say_goodbye(code)
        self._shut(failure)

    def _say_goodbye(self, code: ErrorCode) -> None:
        self._out.write(goaway_frame(code))
        self._out.flush()

    def _shut(self, failure: Exception) -> None:
        """Close at once; what is under way fails."""
        while self._exchanges:
            self._exchanges.popitem()[1].fail(failure)
        self._uploads.look_again()
        self._deadlines.stop()
        if not self._closing:
            self._closing = True
            if self._out.transport is not None:
                self._out.transport.abort()
            self._on_change(self)

    def _silent(self, exchange: Http2Exchange) -> None:
        kind = httpx.WriteTimeout if exchange.sending else httpx.ReadTimeout
        silence = kind(f"nothing came for {exchange.read_timeout:g} s")
        self._reset(exchange, silence, ErrorCode.CANCEL)


def _refusal(code: int, message: str) -> Exception:
    """Nothing was done; it may go elsewhere, unless the other side asks for calm."""
    if code == _CALM:
        calm = "the upstream asks for calm (HTTP/2 ENHANCE_YOUR_CALM)"
        return ThrottledError(calm)
    return UnansweredError(message, untouched=True)
