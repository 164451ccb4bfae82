"""What the other side of a connection of HTTP/2 says."""

from abc import abstractmethod
from typing import Protocol

import httpx

from adapters.http.transport.answer_errors import HostileAnswerError, UnansweredError
from adapters.http.transport.http2_exchange import STREAM_WINDOW, Http2Exchange, StreamError
from adapters.http.transport.http2_frames import (
    ErrorCode,
    Flag,
    Frame,
    FrameReader,
    FrameType,
    Http2ProtocolError,
    Setting,
    error_name,
    frame,
    goaway_in,
    number_frame,
    number_in,
    settings_in,
    unpadded,
)
from adapters.http.transport.http2_heads import Head, Http2Heads
from adapters.http.transport.http2_outbox import Http2Outbox
from adapters.http.transport.http2_streams import MOST_STREAMS, Http2Streams
from adapters.http.transport.http2_uploads import Http2Uploads
from domain.errors import ThrottledError

CONNECTION_WINDOW = MOST_STREAMS * STREAM_WINDOW
"""So much may wait for all readers together: no reader can hold up another's stream."""

MOST_USELESS = 1_000
"""Frames that bring no answer on (SETTINGS, PING, empty DATA, …) in a row: more are a flood."""

_CALM = ErrorCode.ENHANCE_YOUR_CALM


class Http2Events(Protocol):
    """Who is told what the frames mean."""

    @abstractmethod
    def brought_on(self, exchange: Http2Exchange) -> None:
        """More of its answer has come, perhaps all of it."""

    @abstractmethod
    def reset(self, exchange: Http2Exchange, failure: Exception, code: ErrorCode) -> None:
        """Its answer breaks the rules: end it, and tell the other side."""

    @abstractmethod
    def drop(self, exchange: Http2Exchange, failure: Exception) -> None:
        """The other side has ended it."""

    @abstractmethod
    def drain(self, code: int) -> None:
        """No more requests, and why."""

    @abstractmethod
    def refused(self) -> None:
        """One request too many."""

    @abstractmethod
    def changed(self) -> None:
        """There may be room for more exchanges, or fewer of them."""


class Http2Receiver:
    """Reads frames, keeps the windows of what comes in, and counts what is of no use."""

    def __init__(
        self,
        events: Http2Events,
        streams: Http2Streams,
        out: Http2Outbox,
        uploads: Http2Uploads,
    ) -> None:
        self._events = events
        self._streams = streams
        self._out = out
        self._uploads = uploads
        self._frames = FrameReader()
        self._heads = Http2Heads()
        self._greeted = False
        self._useless = 0
        self._received = 0

    def feed(self, data: bytes) -> None:
        """Take what came.

        Raises:
            Http2ProtocolError: the other side broke a rule of the connection.
            HostileAnswerError: it sends what no honest server sends.
        """
        for each in self._frames.feed(data):
            self._take(each)

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
        exchange = self._streams.find(stream)
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
        if data or ends:
            self._useless = 0
        else:
            self._count_useless()
        if exchange is not None:
            try:
                exchange.take_data(data, size, ends=ends)
            except StreamError as error:
                self._malformed(exchange, error)
            else:
                self._events.brought_on(exchange)

    def _take_head(self, head: Head | None) -> None:
        if head is None:
            self._count_useless()
            return
        stream, fields, ends = head
        exchange = self._streams.find(stream)
        if exchange is None:
            self._count_useless()
            return
        try:
            final = exchange.take_head(fields, ends=ends)
        except StreamError as error:
            self._malformed(exchange, error)
        else:
            if final:
                self._useless = 0
                self._events.brought_on(exchange)
            else:
                self._count_useless()

    def _take_goaway(self, last: int, code: int) -> None:
        """What came after `last` was not looked at; what came before goes on."""
        self._events.drain(code)
        for exchange in [each for each in self._streams.under_way.values() if each.stream > last]:
            self._events.drop(exchange, _refusal(code, "the upstream goes away"))
        self._events.changed()

    def _take_reset(self, stream: int, code: int) -> None:
        exchange = self._streams.find(stream)
        if exchange is None:
            return
        if code in (ErrorCode.REFUSED_STREAM, ErrorCode.HTTP_1_1_REQUIRED, _CALM):
            failure = _refusal(code, "the upstream refused the request")
        else:
            failure = httpx.RemoteProtocolError(f"the upstream reset: {error_name(code)}")
        self._events.drop(exchange, failure)
        if code == ErrorCode.HTTP_1_1_REQUIRED:
            self._events.drain(code)
        elif code == ErrorCode.REFUSED_STREAM:
            self._events.refused()
        self._events.changed()

    def _take_window(self, stream: int, more: int) -> None:
        if not stream:
            self._uploads.allow(more)
            return
        exchange = self._streams.find(stream)
        if exchange is not None and not self._uploads.allow_stream(exchange, more):
            failure = httpx.RemoteProtocolError("the answer is malformed: its window")
            self._events.reset(exchange, failure, ErrorCode.FLOW_CONTROL_ERROR)

    def _take_settings(self, flags: int, stream: int, payload: bytes) -> None:
        if stream or (flags & Flag.ACK and payload):
            message = "settings of a stream"
            raise Http2ProtocolError(message)
        if flags & Flag.ACK:
            return
        before = self._streams.most
        for key, value in settings_in(payload):
            if key == Setting.MAX_CONCURRENT_STREAMS:
                self._streams.most = min(MOST_STREAMS, value)
            elif key == Setting.INITIAL_WINDOW_SIZE:
                self._uploads.resize(value, self._streams.under_way.values())
            elif key == Setting.HEADER_TABLE_SIZE:
                self._out.table_changed()
        self._out.write(frame(FrameType.SETTINGS, Flag.ACK, 0))
        for _ in range(max(1, self._streams.most - before)):
            self._events.changed()  # each place that came free is worth a call

    def _take_ping(self, flags: int, stream: int, payload: bytes) -> None:
        if stream or len(payload) != len(b"12345678"):
            message = "a malformed ping"
            raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
        if not flags & Flag.ACK:
            self._out.write(frame(FrameType.PING, Flag.ACK, 0, payload))

    def _malformed(self, exchange: Http2Exchange, error: StreamError) -> None:
        """The others go on; the next requests take another connection."""
        self._events.reset(exchange, error.failure, error.code)
        self._events.drain(ErrorCode.NO_ERROR)

    def _expect_no_continuation(self) -> None:
        if self._heads.pending:
            message = "a head that is not continued"
            raise Http2ProtocolError(message)

    def _count_useless(self) -> None:
        self._useless += 1
        if self._useless > MOST_USELESS:
            message = "a flood of frames without use"
            raise HostileAnswerError(message)


def calm_wanted() -> ThrottledError:
    """The other side has had enough for the moment."""
    message = "the upstream asks for calm (HTTP/2 ENHANCE_YOUR_CALM)"
    return ThrottledError(message)


def _refusal(code: int, message: str) -> Exception:
    """Nothing was done; it may go elsewhere, unless the other side asks for calm."""
    return calm_wanted() if code == _CALM else UnansweredError(message, untouched=True)
