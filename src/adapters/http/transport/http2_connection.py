"""HTTP/2 over one connection (RFC 9113)."""

import asyncio
import copy
from collections.abc import Callable
from typing import cast

import httpx

from adapters.http.transport.answer_errors import HostileAnswerError, UnansweredError
from adapters.http.transport.connection import Connection, Failure, RequestHead
from adapters.http.transport.http2_deadlines import Http2Deadlines
from adapters.http.transport.http2_exchange import STREAM_WINDOW, Http2Exchange, StreamOwner
from adapters.http.transport.http2_frames import (
    FIRST_WINDOW,
    PREFACE,
    ErrorCode,
    FrameType,
    Http2ProtocolError,
    Setting,
    error_name,
    goaway_frame,
    number_frame,
    settings_frame,
)
from adapters.http.transport.http2_headers import LARGEST_HEAD, request_block
from adapters.http.transport.http2_outbox import Http2Outbox
from adapters.http.transport.http2_receiver import (
    CONNECTION_WINDOW,
    Http2Events,
    Http2Receiver,
    calm_wanted,
)
from adapters.http.transport.http2_streams import Http2Streams
from adapters.http.transport.http2_uploads import Http2Uploads

_SETTINGS = {
    Setting.ENABLE_PUSH: 0,
    Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
    Setting.MAX_HEADER_LIST_SIZE: LARGEST_HEAD,
}


class Http2Connection(asyncio.Protocol, Connection, StreamOwner, Http2Events):
    """Carries many exchanges at once.

    An answer that breaks the rules of its stream costs that stream; one that breaks the
    connection's rules costs all of them.

    Args:
        on_change: called after `available`, `idle` or `closed` has changed.

    """

    http_version = b"HTTP/2"

    def __init__(self, on_change: Callable[[Connection], None]) -> None:
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._failure: Failure | None = None
        self._goodbye: int | None = None
        self._heard = 0.0
        self._proved = False
        self._full = False
        self._streams = Http2Streams()
        self._out = Http2Outbox()
        self._uploads = Http2Uploads(self._out)
        self._deadlines = Http2Deadlines(self._streams.under_way, self._silent)
        self._receiver = Http2Receiver(self, self._streams, self._out, self._uploads)
        self._draining = False
        self._closing = False

    @property
    def available(self) -> bool:
        """Whether one more exchange can be sent now."""
        ready = not self._closing and not self._draining and not self._full
        return ready and self._streams.available

    @property
    def idle(self) -> bool:
        """Whether no exchange is under way."""
        return not self._streams.under_way

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
        exchange = self._streams.open(self, request.method, read_timeout)
        self._uploads.begin(exchange)
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

    def take_failure(self) -> Failure | None:
        """Why it is of no more use where the other side is to blame; told once."""
        failure, self._failure = self._failure, None
        return failure

    # an exchange's calls

    async def abandon(self, exchange: Http2Exchange) -> None:
        """Cancel one stream; the others go on."""
        self.reset(exchange, httpx.ReadError("the answer was abandoned"), ErrorCode.CANCEL)

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
        """Take what came."""
        self._heard = self._loop.time()
        try:
            self._receiver.feed(data)
        except Http2ProtocolError as error:
            self._refuse(error, error.code)
        except HostileAnswerError as error:
            self._refuse(error, ErrorCode.ENHANCE_YOUR_CALM)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those under way."""
        self._out.transport = None
        message = "the connection ended before the answer did"
        failure: Exception
        if self._goodbye == ErrorCode.ENHANCE_YOUR_CALM:
            failure = calm_wanted()
        else:
            failure = httpx.ReadError(str(exc)) if exc else httpx.RemoteProtocolError(message)
            if not self.idle and not self._proved:
                self._blame(str(failure))
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

    # the receiver's calls

    def brought_on(self, exchange: Http2Exchange) -> None:
        """More of its answer has come, perhaps all of it."""
        if not exchange.complete:
            self._deadlines.heard(exchange)
        elif self._streams.close(exchange):
            self._proved = True
            self._full = False
            if exchange.sending:
                self._uploads.look_again()
            self.changed()

    def reset(self, exchange: Http2Exchange, failure: Exception, code: ErrorCode) -> None:
        """End an exchange, and tell the other side; nothing else is touched."""
        if not self._closing and self._streams.close(exchange):
            self._out.write(number_frame(FrameType.RST_STREAM, exchange.stream, code))
            self._fail(exchange, failure)
            self.changed()

    def drop(self, exchange: Http2Exchange, failure: Exception) -> None:
        """End an exchange without telling the other side."""
        if self._streams.close(exchange):
            self._fail(exchange, failure)

    def drain(self, code: int) -> None:
        """Take no more requests; the connection ends with the last exchange."""
        self._draining = True
        self._goodbye = code
        if code not in (ErrorCode.NO_ERROR, ErrorCode.ENHANCE_YOUR_CALM):
            at_once = code == ErrorCode.HTTP_1_1_REQUIRED
            self._blame(f"the upstream ended the connection: {error_name(code)}", at_once=at_once)
        self.changed()

    def refused(self) -> None:
        """Take no more until an exchange has ended; if there is none, go."""
        if self.idle:
            self.drain(ErrorCode.NO_ERROR)
        else:
            self._full = True

    def changed(self) -> None:
        """There may be room for more exchanges, or fewer of them."""
        if self._draining and self.idle and not self._closing:
            self._say_goodbye(ErrorCode.NO_ERROR)
            self._shut(httpx.ReadError("the connection was drained"))
        else:
            self._on_change(self)

    # our own

    def _blame(self, reason: str, *, at_once: bool = False) -> None:
        self._failure = Failure(reason, at_once)

    def _fail(self, exchange: Http2Exchange, failure: Exception) -> None:
        self._full = False
        exchange.fail(failure)
        if exchange.sending:
            self._uploads.look_again()

    def _silent(self, exchange: Http2Exchange) -> None:
        kind = httpx.WriteTimeout if exchange.sending else httpx.ReadTimeout
        silence = kind(f"nothing came for {exchange.read_timeout:g} s")
        self.reset(exchange, silence, ErrorCode.CANCEL)
        if self._heard <= self._loop.time() - exchange.read_timeout:
            self.drain(ErrorCode.NO_ERROR)  # nothing at all came: the way may be dead

    def _refuse(self, failure: Exception, code: ErrorCode) -> None:
        """The connection is of no more use, and the other side is to blame."""
        self._blame(str(failure))
        self._say_goodbye(code)
        self._shut(failure)

    def _say_goodbye(self, code: ErrorCode) -> None:
        self._out.write(goaway_frame(code))
        self._out.flush()

    def _shut(self, failure: Exception) -> None:
        """Close at once; what is under way fails."""
        for exchange in list(self._streams.under_way.values()):
            self.drop(exchange, copy.copy(failure))  # each is raised by another task
        self._deadlines.stop()
        if not self._closing:
            self._closing = True
            if self._out.transport is not None:
                self._out.transport.abort()
            self._on_change(self)
