"""The seam between the HTTP layers: one exchange with an upstream, any final status."""

from abc import abstractmethod
from typing import NamedTuple, Protocol

from domain.headers import Headers
from domain.requests import Request


class WireRequest(NamedTuple):
    """A request that is ready to be sent.

    Attributes:
        request: what the source asked for (trust, byte cap, Accept).
        url: absolute, parameters included.
        headers: further fields: validators, the key.
        seconds: what is left of the time for this exchange; None: the total deadline.
    """

    request: Request
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None


class WireResponse(NamedTuple):
    """A whole answer; `body` is decoded and complete.

    Attributes:
        requested_at, received_at: epoch seconds of the exchange (RFC 9111 section 4.2.3).
        url: the address that answered.
    """

    status: int
    headers: Headers
    body: bytes
    requested_at: float
    received_at: float
    url: str


class Wire(Protocol):
    """Sends one request."""

    @abstractmethod
    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, whatever its status, unless the status is worth repeating.

        Raises:
            RetryableError: no whole answer, or 408, 425, 5xx; ThrottledError for 429 and what the
                source's policy names.
            PermanentError: the exchange can never succeed (TLS, bad address, too many redirects).
            HostileError: refused address, a body over its cap, a compression bomb, a deadline
                that slow answers used up.
        """
