"""HTTP/1.1 over one connection (RFC 9112)."""

import asyncio
import math
import ssl
from collections.abc import Callable
from typing import cast

import httpx

from adapters.http.transport.answer_errors import UnansweredError
from adapters.http.transport.connection import Connection, RequestHead
from adapters.http.transport.http1_exchange import BodySource, Http1Exchange
from adapters.http.transport.http1_parser import Http1Parser
from adapters.http.transport.http1_request import http1_request
from adapters.http.transport.prompt_acks import acknowledge_promptly
from adapters.http.transport.silence_timer import SilenceTimer

REST = 1.0
"""Seconds without use after which a server may well have closed a connection in peace."""

_LARGE_REQUEST = 64 * 1024  # less than this goes into the system's own buffers


class Http1Connection(asyncio.Protocol, Connection, BodySource):
    """Takes one exchange after another.

    What comes although nobody asked for it, closes the connection: it must not be taken for the
    answer to the next request.

    Args:
        on_change: called after `available` or `closed` has changed.
    """

    http_version = b"HTTP/1.1"

    def __init__(self, on_change: Callable[[Connection], None]) -> None:
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._timer = SilenceTimer(self._silent)
        self._parser = Http1Parser()
        self._transport: asyncio.Transport | None = None
        self._exchange: Http1Exchange | None = None
        self._closing = False
        self._paused = False
        self._in_pieces = False
        self._outgoing = b""
        self._rests_since = math.inf
        self._rested = 0.0
        self._unsent = 0

    @property
    def available(self) -> bool:
        """Whether it can take a request now."""
        return self._exchange is None and not self._closing

    @property
    def idle(self) -> bool:
        """Whether no exchange is under way."""
        return self._exchange is None

    @property
    def closed(self) -> bool:
        """Whether it takes no request any more."""
        return self._closing

    async def send(self, request: RequestHead, read_timeout: float) -> Http1Exchange:
        """Send a request and wait for the head of its answer.

        Raises:
            UnansweredError: the connection had been at rest, and closed without an answer, or
                before the request was on its way.
            HostileAnswerError: not HTTP, or a head without end.
            httpx.TransportError: anything else that leaves no answer.
        """
        if self._transport is None or self._exchange is not None or self._closing:
            message = "the connection was closed"
            raise UnansweredError(message)
        try:
            data = http1_request(request)
        except httpx.LocalProtocolError:
            self._on_change(self)
            raise
        exchange = self._exchange = Http1Exchange(self, request.method)
        self._rested = self._loop.time() - self._rests_since
        self._parser.expect(exchange)
        self._in_pieces = False
        self._outgoing = data
        self._loop.call_soon(self._write)
        self._timer.start(read_timeout)
        try:
            if not exchange.status and exchange.failure is None:
                await exchange.change()
        except asyncio.CancelledError:
            await self.abandon(exchange)
            raise
        if not exchange.status:
            exchange.check_begun()
        return exchange

    async def aclose(self) -> None:
        """Close it, and wait until it is closed."""
        self.close()
        if self._transport is not None:
            await asyncio.wait((self._lost,))

    def close(self) -> None:
        """Close it at once."""
        self._shut(httpx.ReadError("the connection was closed"))

    async def abandon(self, exchange: Http1Exchange) -> None:
        """An exchange that is not read to its end takes the connection with it."""
        if exchange is self._exchange:
            self._shut(httpx.ReadError("the answer was abandoned"))

    def resume_body(self) -> None:
        """Read on."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._timer.heard()
            self._transport.resume_reading()

    # asyncio's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport; uvloop's are no subclasses of asyncio's."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        exchange, parser = self._exchange, self._parser
        if exchange is None or self._outgoing:
            self._shut(self._loss(None))
            return
        self._timer.heard()
        failure = parser.feed(data)
        if parser.ended:
            self._release()
        elif failure is not None:
            self._shut(failure)
        elif self._transport is not None:
            self._more_to_come(self._transport, exchange)

    def eof_received(self) -> None:
        """The other side has ended; that ends a body that has no other end."""
        exchange = self._exchange
        if exchange is None:
            self.close()
        elif exchange.close_delimited and self._ended_cleanly():
            exchange.finish()
            self._release()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange, if one is under way."""
        self._transport = None
        self._shut(self._loss(exc))
        self._parser.close()
        if not self._lost.done():
            self._lost.set_result(None)

    # our own

    def _write(self) -> None:
        """Send the request; those of one turn of the loop go together, after all its work.

        So an upstream that is near is woken once for many, not by each.
        """
        data, self._outgoing = self._outgoing, b""
        if self._transport is not None and not self._transport.is_closing():
            self._unsent = len(data) if len(data) > _LARGE_REQUEST else 0
            self._transport.write(data)

    def _more_to_come(self, transport: asyncio.Transport, exchange: Http1Exchange) -> None:
        if not self._in_pieces:
            self._in_pieces = True
            acknowledge_promptly(transport)
        if exchange.full and not self._paused:
            self._paused = True
            transport.pause_reading()

    def _release(self) -> None:
        """The answer is whole: the connection is free, or of no more use."""
        self._exchange = None
        self._rests_since = self._loop.time()
        transport = self._transport
        if transport is None or not self._parser.keep or transport.get_write_buffer_size():
            self.close()
            return
        if self._paused:
            self._paused = False
            transport.resume_reading()
        self._on_change(self)

    def _shut(self, failure: Exception) -> None:
        """Close at once; what is under way fails."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.fail(failure)
        self._timer.stop()
        if not self._closing:
            self._closing = True
            if self._transport is not None:
                self._transport.abort()
            self._on_change(self)

    def _loss(self, exc: Exception | None) -> Exception:
        failure: Exception
        if self._outgoing:
            failure = UnansweredError(
                "the connection was closed before it was used", untouched=True
            )
        elif self._parser.silent and self._rested >= REST:
            failure = UnansweredError("the connection had been closed")
        elif exc is not None:
            failure = httpx.ReadError(str(exc))
        elif self._parser.begun:
            failure = httpx.RemoteProtocolError("the connection ended before the answer did")
        else:
            failure = httpx.RemoteProtocolError("the connection ended without an answer")
        failure.__cause__ = exc
        return failure

    def _ended_cleanly(self) -> bool:
        """TLS: only close_notify proves that nobody else cut the connection (RFC 8446 6.1)."""
        if self._transport is None:
            return False
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        if tls is None:
            return True
        try:
            return not tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLError:
            return False

    def _silent(self) -> None:
        """Silence is no fault while the reader pauses us, nor while a request is still taken."""
        if self._exchange is None or self._transport is None:
            return
        before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
        if self._paused or 0 < self._unsent < before:
            self._timer.start(self._timer.seconds)
        elif self._unsent:
            self._shut(httpx.WriteTimeout(f"nothing was taken for {self._timer.seconds:g} s"))
        else:
            self._shut(httpx.ReadTimeout(f"nothing came for {self._timer.seconds:g} s"))
