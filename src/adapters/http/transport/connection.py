"""The seam between the pool and the versions of HTTP."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

type Fields = Sequence[tuple[bytes, bytes]]


class SharedFields(tuple[tuple[bytes, bytes], ...]):
    """Fields that many requests share; known by what they are, not by what they hold.

    So what is made of them is found again without reading all of them.
    """

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


class RequestHead(NamedTuple):
    """One request, as a connection sends it.

    Attributes:
        method: as it is sent, in capitals.
        scheme: b"http" or b"https".
        authority: host, and port where it is not the scheme's own.
        target: path and query.
        headers: names in lower case; without Host, Connection and Transfer-Encoding.
        body: the whole content; empty for none.
    """

    method: bytes
    scheme: bytes
    authority: bytes
    target: bytes
    headers: Fields
    body: bytes = b""


class Exchange(Protocol):
    """An answer whose head has come; its body follows as it is taken.

    Attributes:
        status: final, never 1xx.
        headers: in order, names in lower case.
        http_version: b"HTTP/1.1" and the like.
        close_delimited: the body ends with its connection, and nothing else proves it whole.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    http_version: bytes
    close_delimited: bool = False

    def whole(self) -> bytes | None:
        """The whole body, taken, if it is here already; None: iterate."""
        return None

    @abstractmethod
    def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of the body as sent; while nobody takes them, reading is paused.

        Raises:
            httpx.ReadError, httpx.RemoteProtocolError: the body was cut off or is malformed.
            httpx.ReadTimeout: nothing came for the request's `read_timeout`.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """End the exchange, read to its end or not; safe to repeat."""


class Failure(NamedTuple):
    """What speaks against a version of HTTP at a host.

    Attributes:
        at_once: the host itself asks for HTTP/1.1.
    """

    reason: str
    at_once: bool


class Connection(Protocol):
    """A connection to one origin.

    A version of HTTP is an `asyncio.Protocol` too: it is made without I/O before the transport is
    there, and gets it by `connection_made` (with TLS: after the handshake, its ALPN already
    judged), before the first byte of the other side.

    Its maker is told of each change of `available`, `idle` or `closed` by a call that it gave.

    Attributes:
        http_version: b"HTTP/2" is shared by exchanges, b"HTTP/1.1" serves one at a time.
    """

    http_version: bytes

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether one more exchange can be sent now."""

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Whether no exchange is under way."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether it is of no more use; an exchange may still be ending on it."""

    @abstractmethod
    async def send(self, request: RequestHead, read_timeout: float) -> Exchange:
        """Send a request and wait for the head of its answer.

        Raises:
            httpx.TransportError: no answer (ReadError, ReadTimeout, RemoteProtocolError, …).
            HostileError: an answer that no honest server sends.
        """

    @abstractmethod
    def close(self) -> None:
        """Close it at once; what is under way fails."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close it, and wait until it is closed."""

    def take_failure(self) -> Failure | None:
        """Why it is of no more use where its version of HTTP is to blame; told once."""
        return None
