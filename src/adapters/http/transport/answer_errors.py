"""Failures that httpx has no word for; each is still one of httpx's errors."""

import httpx


class HostileAnswerError(httpx.RemoteProtocolError):
    """No honest server answers so; asking again is asking for more of it."""


class UnansweredError(httpx.ReadError):
    """A connection that was kept turned out closed before anything of the answer came.

    The other side may have closed it while the request was on its way (RFC 9112 section 9.3.1),
    so a request that may be repeated can go again on a new connection.

    Attributes:
        untouched: the other side said that it did nothing, so that any request can go again.
    """

    def __init__(self, message: str, *, untouched: bool = False) -> None:
        super().__init__(message)
        self.untouched = untouched
