import ssl

import httpx
import pytest

from adapters.http.wire_errors import wire_error
from domain.errors import FetchError, PermanentError, RetryableError


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (ssl.SSLCertVerificationError("certificate has expired"), PermanentError),
        (ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL]"), PermanentError),
        (ssl.SSLEOFError(8, "EOF occurred"), RetryableError),
        (OSError("refused"), RetryableError),
    ],
)
def test_f020_tls_that_fails_for_good_is_told_from_tls_that_was_cut(
    cause: Exception, expected: type[FetchError]
) -> None:
    """A bad certificate stays bad; a cut handshake may pass."""
    error = httpx.ConnectError("handshake")
    error.__cause__ = cause
    assert type(wire_error(error, "https://a.test/")) is expected


def test_an_error_that_httpx_does_not_have_yet_is_retryable() -> None:
    """A new subclass does not slip through."""

    class NewError(httpx.TransportError):
        pass

    assert isinstance(wire_error(NewError("?"), "https://a.test/"), RetryableError)
