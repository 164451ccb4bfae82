"""What a final status means to the one who asked."""

from datetime import UTC, datetime

from adapters.http.error_excerpt import error_excerpt
from domain.errors import FetchError, PermanentError, RefusedError
from domain.http_caching.stored_response import StoredResponse
from domain.requests import Origin, Request, Response, Trust

_NOT_MODIFIED = 304
_SUCCESS = range(200, 300)
_REFUSED = frozenset({401, 403})
_CLIENT_ERROR = range(400, 500)


def outcome_of(
    answer: StoredResponse, origin: Origin, request: Request, reusable_until: float = 0.0
) -> Response | FetchError:
    """The answer as a domain response, or the error that it is.

    304 is an answer to a request with conditions of its own. RefusedError: 401 or 403 of the
    source's own origin. PermanentError: any other status outside 2xx.
    """
    status = answer.status
    if status in _SUCCESS or (status == _NOT_MODIFIED and request.headers):
        fetched_at = datetime.fromtimestamp(answer.body_received_at, UTC)
        return Response(status, answer.headers, answer.body, fetched_at, origin, reusable_until)
    reason = f"HTTP {status}"
    if status in _CLIENT_ERROR and (excerpt := error_excerpt(answer.body)):
        reason = f"{reason}: {excerpt}"
    refused = status in _REFUSED and request.trust is Trust.SOURCE
    return (RefusedError if refused else PermanentError)(reason, url=answer.url, status=status)
