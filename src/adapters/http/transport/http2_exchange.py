"""One answer over HTTP/2, as its reader sees it."""

from abc import abstractmethod
from typing import Never, Protocol

import httpx

from adapters.http.transport.answer_errors import HostileAnswerError
from adapters.http.transport.buffered_exchange import BufferedExchange
from adapters.http.transport.http2_frames import ErrorCode
from adapters.http.transport.http2_headers import Field, status_of

STREAM_WINDOW = 256 * 1024
"""Bytes of one body that may wait for a reader (RFC 9113 section 5.2)."""

MOST_EMPTY = 100
"""Frames of a body that bring none of it."""

MOST_INTERIM = 32
"""1xx answers to one request (RFC 9110 section 15.2)."""

_FIRST_FINAL = 200
_WITHOUT_BODY = frozenset({204, 304})
_LONGEST_LENGTH = 19


class StreamError(Exception):
    """An answer that breaks the rules of its stream; the connection is none the worse.

    Attributes:
        failure: what the reader is told.
        code: what the other side is told.
    """

    def __init__(self, failure: Exception, code: ErrorCode = ErrorCode.PROTOCOL_ERROR) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.code = code


class StreamOwner(Protocol):
    """The connection that carries a stream."""

    @abstractmethod
    def grant(self, exchange: "Http2Exchange", size: int) -> None:
        """Let the other side send so many bytes more."""

    @abstractmethod
    async def abandon(self, exchange: "Http2Exchange") -> None:
        """The reader wants no more of it."""


class Http2Exchange(BufferedExchange):
    """A stream among others; a slow reader holds up nobody but itself.

    Attributes:
        stream: its number.
        expires: the loop's time at which its silence has lasted too long.
        read_timeout: seconds of silence that are borne.
        allowance: bytes that we may send of the request's body now.
        sending: the request's body is not sent to its end.
    """

    def __init__(self, owner: StreamOwner, method: bytes, stream: int, read_timeout: float) -> None:
        super().__init__(method, b"HTTP/2")
        self.stream = stream
        self.read_timeout = read_timeout
        self.expires = 0.0
        self.allowance = 0
        self.sending = False
        self._owner = owner
        self._window = STREAM_WINDOW
        self._ungranted = 0
        self._expected: int | None = None
        self._interim = 0
        self._empty = 0

    def take_head(self, fields: list[Field], *, ends: bool) -> bool:
        """Whether it brought the answer on; a 1xx answer does not.

        Raises:
            StreamError: malformed (RFC 9113 section 8.1.1).
        """
        if self.status:
            if not ends:
                _refuse("a second head")
            self._finish()  # trailers
            return True
        status = status_of(fields)
        if status is None or (status < _FIRST_FINAL and ends):
            _refuse("its head")
        if status < _FIRST_FINAL:
            self._interim += 1
            if self._interim > MOST_INTERIM:
                message = f"more than {MOST_INTERIM} interim answers"
                raise StreamError(HostileAnswerError(message))
            return False
        self.headers = fields[1:]
        self._expected = self._announced(status)
        self.begin(status)
        if ends:
            self._finish()
        return True

    def take_data(self, data: bytes, size: int, *, ends: bool) -> None:
        """A piece of the body, and how much of the window it took with its padding.

        Raises:
            StreamError: more than was announced or granted, or a body without a head.
        """
        if not self.status:
            _refuse("a body without a head")
        self._window -= size
        if self._window < 0:
            _refuse("more than was granted", ErrorCode.FLOW_CONTROL_ERROR)
        if self._expected is not None:
            self._expected -= len(data)
            if self._expected < 0:
                _refuse("more than was announced")
        if data:
            self.feed(data)
        elif not ends:
            self._empty += 1
            if self._empty > MOST_EMPTY:
                message = f"more than {MOST_EMPTY} empty pieces"
                raise StreamError(HostileAnswerError(message))
        if ends:
            self._finish()
        elif size > len(data):
            self.taken(size - len(data))

    def taken(self, size: int) -> None:
        """What was taken may be sent again, in amounts worth a frame."""
        self._ungranted += size
        if self._ungranted >= STREAM_WINDOW // 2:
            granted, self._ungranted = self._ungranted, 0
            self._window += granted
            self._owner.grant(self, granted)

    async def abandon(self) -> None:
        """Cancel the stream."""
        await self._owner.abandon(self)

    def _finish(self) -> None:
        if self._expected:
            _refuse("less than was announced")
        self.finish()

    def _announced(self, status: int) -> int | None:
        """The length of the body, where the head tells it."""
        lengths = {value for name, value in self.headers if name == b"content-length"}
        if not lengths:
            return None
        length = lengths.pop()
        if lengths or not length.isdigit() or len(length) > _LONGEST_LENGTH:
            _refuse("a body of no clear length")
        return None if self.method == b"HEAD" or status in _WITHOUT_BODY else int(length)


def _refuse(what: str, code: ErrorCode = ErrorCode.PROTOCOL_ERROR) -> Never:
    raise StreamError(httpx.RemoteProtocolError(f"the answer is malformed: {what}"), code)
