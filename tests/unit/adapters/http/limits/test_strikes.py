import ssl

import httpx
import pytest

from adapters.http.limits.strikes import strikes
from domain.circuit_breaker import STRIKES
from domain.errors import (
    FetchError,
    HostileError,
    PermanentError,
    RetryableError,
    ThrottledError,
)


def caused[E: FetchError](error: E, cause: Exception) -> E:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RetryableError("no connection"), STRIKES),
        (RetryableError("no", status=502), STRIKES),
        (RetryableError("no", status=503), STRIKES),
        (RetryableError("no", status=525), STRIKES),
        (RetryableError("no", status=500), 1),
        (RetryableError("no", status=408), 0),
        (RetryableError("no", status=425), 0),
        (RetryableError("nothing in it", status=200), 0),
        (ThrottledError("slower"), 0),
        (ThrottledError("slower", status=429), 0),
        (ThrottledError("slower", status=599), 0),
        (ThrottledError("slower", status=503, retry_after=3), STRIKES),
        (HostileError("not public"), None),
        (HostileError("larger than 5 MB"), None),
        (caused(HostileError("no whole answer"), TimeoutError()), STRIKES),
        (caused(HostileError("not HTTP"), httpx.RemoteProtocolError("x")), STRIKES),
        (PermanentError("more than 5 redirects"), None),
        (caused(PermanentError("not an address"), httpx.InvalidURL("x")), None),
        (caused(PermanentError("no such scheme"), httpx.UnsupportedProtocol("x")), None),
        (caused(PermanentError("TLS"), httpx.ConnectError("x")), STRIKES),
        (caused(PermanentError("no such host"), OSError()), STRIKES),
        (caused(PermanentError("TLS"), ssl.SSLError()), STRIKES),
    ],
)
def test_f001_what_an_error_says_about_its_host(error: FetchError, expected: int | None) -> None:
    """Transport and 5xx count against it, 4xx for it, and addresses neither way."""
    assert strikes(error) == expected
