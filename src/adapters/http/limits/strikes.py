"""What an error says about its host."""

import httpx

from domain.circuit_breaker import STRIKES
from domain.errors import FetchError, RetryableError, ThrottledError

_ONE_REQUEST = 1
_INTERNAL_ERROR = 500
_UNAVAILABLE = 503
_SERVER_ERRORS = range(501, 600)


def strikes(error: FetchError) -> int | None:
    """Strikes against the host; 0 when it answered; None when the error says nothing about it.

    No whole answer, and 5xx, speak against the host. Status 500 is as often about the one thing
    that was asked for: it takes ten times as many in a row. What was refused here, or was too
    large, speaks against an address only, but an answer that was too slow costs as much time as
    none at all.
    """
    if isinstance(error, ThrottledError) and error.status != _UNAVAILABLE:
        return 0
    if error.status == _INTERNAL_ERROR:
        return _ONE_REQUEST
    if error.status is not None:
        return STRIKES if error.status in _SERVER_ERRORS else 0
    if isinstance(error, RetryableError):
        return STRIKES
    cause = error.__cause__
    if isinstance(cause, httpx.UnsupportedProtocol):
        return None
    return STRIKES if isinstance(cause, TimeoutError | OSError | httpx.TransportError) else None
