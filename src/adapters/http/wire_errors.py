"""What httpx's errors mean to us."""

import ssl

import httpx

from adapters.http.origins import shown
from adapters.http.transport.answer_errors import HostileAnswerError
from domain.errors import FetchError, HostileError, PermanentError, RetryableError

_MEANINGS: tuple[tuple[type[Exception], type[FetchError], str], ...] = (
    (httpx.InvalidURL, PermanentError, "not an address"),
    (httpx.UnsupportedProtocol, PermanentError, "not an http or https address"),
    (httpx.ConnectTimeout, RetryableError, "no connection in time"),
    (httpx.ReadTimeout, RetryableError, "the upstream fell silent"),
    (httpx.WriteTimeout, RetryableError, "the upstream takes no request"),
    (httpx.PoolTimeout, RetryableError, "no connection came free in time"),
    (httpx.ConnectError, RetryableError, "no connection"),
    (httpx.ReadError, RetryableError, "the connection broke"),
    (httpx.WriteError, RetryableError, "the connection broke"),
    (httpx.CloseError, RetryableError, "the connection broke"),
    (HostileAnswerError, HostileError, "the answer is not HTTP"),
    (httpx.RemoteProtocolError, RetryableError, "the answer is not whole or not HTTP"),
    # h2 blames us when an answer's length is wrong, and ends the connection's other streams too
    (httpx.LocalProtocolError, RetryableError, "the connection broke"),
    (httpx.HTTPError, RetryableError, "the exchange failed"),
)
_BAD_LOCATION = "location header"  # httpx reads it even when it follows nothing
_CUT_HANDSHAKES = (ssl.SSLEOFError, ssl.SSLSyscallError, ssl.SSLZeroReturnError)


def wire_error(error: Exception, url: str) -> FetchError:
    """The domain's error for one of httpx's.

    A TLS handshake that fails for its certificate, name or version will fail again; one that
    was cut off may not.
    """
    url = shown(url)
    if isinstance(error, httpx.ConnectError):
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CUT_HANDSHAKES):
                words = getattr(cause, "verify_message", None) or getattr(cause, "reason", None)
                return PermanentError(f"TLS: {words or 'the handshake failed'}", url=url)
    if isinstance(error, httpx.RemoteProtocolError) and _BAD_LOCATION in str(error):
        return PermanentError("the answer redirects to something that is not an address", url=url)
    for kind, meaning, reason in _MEANINGS:
        if isinstance(error, kind):
            return meaning(f"{reason}: {error}" if str(error) else reason, url=url)
    return RetryableError(f"the exchange failed: {type(error).__name__}", url=url)


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain
