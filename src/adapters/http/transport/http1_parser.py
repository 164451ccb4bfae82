"""Reads the answers of one HTTP/1.1 connection, strictly (RFC 9112)."""

import httptools
import httpx

from adapters.http.transport.answer_errors import HostileAnswerError
from adapters.http.transport.http1_exchange import Http1Exchange

HEAD_BYTES = 64 * 1024
"""Most bytes of an answer's fields; of cookies, which nobody keeps, as many come on top."""

_RAW_BYTES = 2 * HEAD_BYTES
_COOKIES = frozenset({b"set-cookie", b"set-cookie2"})
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_NO_CONTENT = frozenset({204, 304})
_INTERIM = frozenset(range(100, 200)) - {101}
_FINAL = range(200, 1000)


class Http1Parser:
    """Turns bytes into exchanges, one after another.

    Attributes:
        begun: the head of the answer has come.
        ended: the answer is whole.
        keep: the connection can be used again.
        silent: not a byte of the answer has come.
    """

    def __init__(self) -> None:
        self.begun = self.ended = self.keep = False
        self._parser: httptools.HttpResponseParser | None = None
        self._exchange: Http1Exchange | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._failure: Exception | None = None
        self._length = 0  # bytes since the request, or since a piece of the body

    @property
    def silent(self) -> bool:
        """Whether nothing has come."""
        return not self.begun and not self._length

    def expect(self, exchange: Http1Exchange) -> None:
        """The next bytes belong to this exchange."""
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
            # a recipient may take a lone LF for a line's end (RFC 9112 section 2.2)
            self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        self.begun = self.ended = self.keep = False
        self._exchange = exchange
        self._headers = exchange.headers
        self._length = 0

    def feed(self, data: bytes) -> Exception | None:
        """Take what came; why nothing more may come, if so."""
        self._length += len(data)
        try:
            self._parser.feed_data(data)  # type: ignore[union-attr]  # there is one since `expect`
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self.keep = False
            return self._judged(exc)
        if self._length > _RAW_BYTES and not self.ended:
            return _endless()
        return None

    def close(self) -> None:
        """Let go of everything."""
        self._parser = self._exchange = None

    # httptools' calls

    def on_message_begin(self) -> None:
        """An interim answer, the answer, or something that nobody asked for."""
        if self.ended:
            self.keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; those of a trailer are passed over."""
        if not self.begun:
            self._headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """The head of an interim answer is forgotten; that of the answer is handed over."""
        exchange, parser, headers = self._exchange, self._parser, self._headers
        if self.ended or exchange is None or parser is None:
            return
        status = parser.get_status_code()
        if status in _INTERIM:
            headers.clear()
            return
        self._failure = self._objection(status)
        if self._failure is not None:
            raise self._failure
        self.begun = True
        self.keep = parser.should_keep_alive()
        if not self.keep:
            exchange.http_version = b"HTTP/" + parser.get_http_version().encode("ascii")
            framed = any(name in _FRAMING for name, _ in headers)
            exchange.close_delimited = not framed and status not in _NO_CONTENT
        if exchange.method == b"HEAD":
            exchange.close_delimited = False
            self.ended = True
            exchange.finish()
            self._parser = None  # it waits for the body that the fields speak of
        exchange.begin(status)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self.ended:
            self.keep = False
        elif self._exchange is not None:
            self._length = 0
            self._exchange.feed(data)

    def on_message_complete(self) -> None:
        """The end of an interim answer or of the answer."""
        if self.begun and not self.ended and self._exchange is not None:
            self.ended = True
            self._exchange.finish()

    def _objection(self, status: int) -> Exception | None:
        """What is wrong with a head that httptools let pass."""
        if status not in _FINAL:
            return HostileAnswerError(f"the answer has the status {status}")
        for name, value in self._headers:
            if name == b"transfer-encoding" and value.lower() != b"chunked":
                return HostileAnswerError("the answer has a transfer coding that nobody asked for")
        if self._length > HEAD_BYTES:
            fields = [(n, v) for n, v in self._headers if n not in _COOKIES]
            if sum(len(name) + len(value) + 4 for name, value in fields) > HEAD_BYTES:
                return _endless()
        return None

    def _judged(self, exc: Exception) -> Exception:
        """A head that is not HTTP is hostile; a body that loses its thread may be an accident."""
        failure, self._failure = self._failure, None
        if failure is None:
            kind = httpx.RemoteProtocolError if self.begun else HostileAnswerError
            failure = kind(str(exc) or "the answer is not HTTP")
        failure.__cause__ = exc
        return failure


def _endless() -> HostileAnswerError:
    return HostileAnswerError("the answer's head does not end")
