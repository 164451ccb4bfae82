"""HTTP/1.1 over one connection (RFC 9112), read by httptools."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

import httptools
import httpx

from adapters.http.transport.answer_errors import HostileAnswerError, UnansweredError
from adapters.http.transport.connection import Connection, RequestHead
from adapters.http.transport.http1_exchange import BodySource, Http1Exchange
from adapters.http.transport.http1_request import http1_request

HEAD_BYTES = 64 * 1024
"""Most bytes of an answer's head, interim answers and trailers included."""

_RAW_HEAD_BYTES = 2 * HEAD_BYTES  # cookies, which nobody keeps, may make a head this long
_LARGE_REQUEST = 64 * 1024  # less than this goes into the system's own buffers
_COOKIES = frozenset({b"set-cookie", b"set-cookie2"})
_NO_CONTENT = frozenset({204, 304})
_FIRST_STATUS, _FIRST_FINAL_STATUS, _LAST_STATUS = 100, 200, 999
_SWITCHING = 101


class Http1Connection(asyncio.Protocol, Connection, BodySource):
    """Takes one exchange after another.

    What comes although nobody asked for it, closes the connection: it must not be taken for the
    answer to the next request.

    Args:
        on_change: called after `available` or `closed` has changed.
    """

    http_version = b"HTTP/1.1"

    def __init__(self, on_change: Callable[[Connection], None] | None = None) -> None:
        self.on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._exchange: Http1Exchange | None = None
        self._failure: Exception | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._fed = 0
        self._unsent = 0
        self._served = 0
        self._closing = False
        self._keep = False
        self._body_begun = False
        self._paused = False
        self._ended = False
        self._read_timeout = 0.0
        self._expires = 0.0
        self._timer: asyncio.TimerHandle | None = None

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
            UnansweredError: the connection had been used before, and closed without an answer.
            HostileAnswerError: not HTTP, or a head without end.
            httpx.TransportError: anything else that leaves no answer.
        """
        if self._transport is None or not self.available:
            message = "the connection was closed"
            raise UnansweredError(message)
        try:
            data = http1_request(request)
        except httpx.LocalProtocolError:
            self._changed()
            raise
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
            # a recipient may take a lone LF for a line's end (RFC 9112 section 2.2)
            self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        exchange = self._exchange = Http1Exchange(self, request.method)
        self._body_begun = self._ended = False
        self._fed = 0
        self._headers = exchange.headers
        self._transport.write(data)
        self._unsent = len(data) if len(data) > _LARGE_REQUEST else 0
        self._watch(read_timeout)
        try:
            await exchange.begun()
        except asyncio.CancelledError:
            await self.abandon(exchange)
            raise
        return exchange

    async def aclose(self) -> None:
        """Close it, and wait until it is closed."""
        self.close()
        if self._transport is not None:
            await asyncio.wait((self._lost,))

    def close(self) -> None:
        """Close it at once."""
        self._shut()

    async def abandon(self, exchange: Http1Exchange) -> None:
        """An exchange that is not read to its end takes the connection with it."""
        if exchange is self._exchange:
            self._shut(httpx.ReadError("the answer was abandoned"))

    def resume_body(self) -> None:
        """Read on."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._expires = self._loop.time() + self._read_timeout
            self._transport.resume_reading()

    # asyncio's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        exchange, parser = self._exchange, self._parser
        if exchange is None or parser is None:
            self._shut()
            return
        self._expires = self._loop.time() + self._read_timeout
        self._fed += len(data)
        failure: Exception | None = None
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._keep = False
            failure = self._judged(exc)
        if self._ended:
            self._release()
        elif failure is not None:
            self._shut(failure)
        elif self._fed > _RAW_HEAD_BYTES:
            self._shut(_endless_head())
        elif exchange.full and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """The other side has ended; that ends a body that has no other end."""
        exchange = self._exchange
        if exchange is not None and exchange.close_delimited and self._ended_cleanly():
            self._keep = False
            self._ended = True
            exchange.finish()
            self._release()
        elif exchange is None:
            self._shut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange, if one is under way."""
        self._transport = None
        self._shut(self._loss(exc))
        self._parser = None
        if not self._lost.done():
            self._lost.set_result(None)

    # httptools' calls

    def on_message_begin(self) -> None:
        """An interim answer, the answer, or something after it."""
        if self._ended:
            self._keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or of the trailer, which is passed over."""
        if not self._body_begun:
            self._headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """The head of an interim answer is forgotten; that of the answer is handed over."""
        exchange, parser = self._exchange, self._parser
        if self._ended or exchange is None or parser is None:
            return
        if self._fed > HEAD_BYTES:
            self._check_length()
        status = parser.get_status_code()
        if _FIRST_STATUS <= status < _FIRST_FINAL_STATUS and status != _SWITCHING:
            self._headers.clear()
            return
        if not _FIRST_FINAL_STATUS <= status <= _LAST_STATUS:
            message = f"the answer has the status {status}"
            self._failure = HostileAnswerError(message)
            raise self._failure
        if any(n == b"transfer-encoding" and v.lower() != b"chunked" for n, v in self._headers):
            self._failure = HostileAnswerError("the answer has a transfer coding that nobody asked")
            raise self._failure
        self._body_begun = True
        self._keep = parser.should_keep_alive()
        if parser.get_http_version() != "1.1":
            exchange.http_version = b"HTTP/" + parser.get_http_version().encode()
        if exchange.method == b"HEAD":
            self._end(exchange)
            self._parser = None  # it waits for the body that the fields speak of
        elif not self._keep and status not in _NO_CONTENT:
            framed = (b"content-length", b"transfer-encoding")
            exchange.close_delimited = not any(name in framed for name, _ in self._headers)
        exchange.begin(status)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self._ended:
            self._keep = False
        elif self._exchange is not None:
            self._fed = 0
            self._exchange.feed(data)

    def on_message_complete(self) -> None:
        """The end of an interim answer or of the answer."""
        if self._body_begun and not self._ended and self._exchange is not None:
            self._end(self._exchange)

    # our own

    def _end(self, exchange: Http1Exchange) -> None:
        self._ended = True
        exchange.finish()

    def _release(self) -> None:
        """The answer is whole: the connection is free, or of no more use."""
        self._exchange = None
        self._served += 1
        transport = self._transport
        if not self._keep or transport is None or transport.get_write_buffer_size():
            self._shut()
            return
        if self._paused:
            self._paused = False
            transport.resume_reading()
        self._changed()

    def _shut(self, failure: Exception | None = None) -> None:
        """Close at once; what is under way fails."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            failure = failure or httpx.ReadError("the connection was closed")
            exchange.fail(failure)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._closing:
            self._closing = True
            if self._transport is not None:
                self._transport.abort()
            self._changed()

    def _check_length(self) -> None:
        """Cookies do not count: nobody keeps them."""
        length = sum(
            len(name) + len(value) + 4 for name, value in self._headers if name not in _COOKIES
        )
        if length > HEAD_BYTES:
            self._failure = _endless_head()
            raise self._failure

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

    def _judged(self, exc: Exception) -> Exception:
        """A head that is not HTTP is hostile; a body that loses its thread may be an accident."""
        failure, self._failure = self._failure, None
        if failure is None:
            kind = httpx.RemoteProtocolError if self._body_begun else HostileAnswerError
            failure = kind(str(exc) or "the answer is not HTTP")
        failure.__cause__ = exc
        return failure

    def _loss(self, exc: Exception | None) -> Exception:
        failure: Exception
        if not self._body_begun and not self._fed and self._served:
            failure = UnansweredError("the connection had been closed")
        elif exc is not None:
            failure = httpx.ReadError(str(exc))
        elif self._body_begun:
            failure = httpx.RemoteProtocolError("the connection ended before the answer did")
        else:
            failure = httpx.RemoteProtocolError("the connection ended without an answer")
        failure.__cause__ = exc
        return failure

    def _ended_cleanly(self) -> bool:
        """TLS: only close_notify proves that nobody else cut the connection (RFC 8446 6.1)."""
        assert self._transport is not None  # noqa: S101 - asyncio calls between made and lost
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        if tls is None:
            return True
        try:
            return not tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLError:
            return False

    def _watch(self, read_timeout: float) -> None:
        """One timer serves many exchanges: it looks whether it is still wanted when it goes off."""
        self._read_timeout = read_timeout
        self._expires = self._loop.time() + read_timeout
        if self._timer is not None and self._timer.when() > self._expires:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._expires, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._exchange is None or self._transport is None:
            return
        now = self._loop.time()
        unsent = self._transport.get_write_buffer_size()
        if self._paused or 0 < unsent < self._unsent:
            self._expires = max(self._expires, now + self._read_timeout)
        self._unsent = unsent
        if now < self._expires:
            self._timer = self._loop.call_at(self._expires, self._look)
        elif unsent:
            self._shut(httpx.WriteTimeout(f"nothing was taken for {self._read_timeout:g} s"))
        else:
            self._shut(httpx.ReadTimeout(f"nothing came for {self._read_timeout:g} s"))


def _endless_head() -> HostileAnswerError:
    return HostileAnswerError("the answer's head does not end")
