"""What a final status means to the one who asked."""

from datetime import UTC, datetime

from adapters.http.error_excerpt import error_excerpt
from domain.errors import FetchError, PermanentError, RefusedError, RetryableError
from domain.http_caching.stored_response import StoredResponse
from domain.requests import Origin, Response, Trust

_PARTIAL = 206
_SUCCESS = range(200, 300)
_REFUSED = frozenset({401, 403})
_CLIENT_ERROR = range(400, 500)


def outcome_of(answer: StoredResponse, origin: Origin, trust: Trust) -> Response | FetchError:
    """The answer as a domain response, or the error that it is.

    RetryableError: a part of the answer, though the whole was asked for (206). RefusedError: 401
    or 403 of the source's own origin. PermanentError: any other status outside 2xx.
    """
    status = answer.status
    if status == _PARTIAL:
        return RetryableError("only a part was sent (206)", url=answer.url, status=status)
    if status in _SUCCESS:
        fetched_at = datetime.fromtimestamp(answer.body_received_at, UTC)
        return Response(status, answer.headers, answer.body, fetched_at, origin)
    reason = f"HTTP {status}"
    if status in _CLIENT_ERROR and (excerpt := error_excerpt(answer.body)):
        reason = f"{reason}: {excerpt}"
    refused = status in _REFUSED and trust is Trust.SOURCE
    return (RefusedError if refused else PermanentError)(reason, url=answer.url, status=status)
