"""Tells an answer from a failure that is worth repeating."""

from collections.abc import Callable

from adapters.http.answer_defects import answer_defect
from adapters.http.echoed_keys import without_key
from adapters.http.origins import shown
from adapters.http.statuses import status_error
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.errors import RetryableError, ThrottledError
from domain.headers import Headers
from domain.requests import Trust

_SUCCESS = 200


class JudgingWire(Wire):
    """Raises what an answer says of the upstream's state; all else is an answer.

    Args:
        wire: brings the answers.
        throttled_statuses: that mean "slower" at the source's own origin.
        limited: the source's own rule for answers that say so elsewhere (`SourcePolicy.limited`).
        key_field: the field that carries the source's key; answers that repeat it are masked
            here, before anything is made of them.

    Raises (besides what the inner wire raises):
        ThrottledError: 418, 429, 599, 503 with a Retry-After, what the source's policy names, and
            answers that say in words that their upstream limits us.
        RetryableError: 408, 425 and 5xx that pass, and answers that are not what was asked for
            (`answer_defect`).
    """

    def __init__(
        self,
        *,
        wire: Wire,
        throttled_statuses: frozenset[int],
        limited: Callable[[int, Headers, bytes], float | None] | None = None,
        key_field: str = "",
    ) -> None:
        self._wire = wire
        self._key_field = key_field
        self._throttled = throttled_statuses
        self._limited = limited

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, when it is one."""
        answer = await self._wire.send(request)
        if request.request.trust is Trust.SOURCE and request.headers:
            answer = without_key(answer, _key(dict(request.headers).get(self._key_field, "")))
        error = self._status_error(request, answer) if answer.status != _SUCCESS else None
        if error is not None and error.retry_after is not None:
            raise error
        if self._limited is not None:
            wait = self._limited(answer.status, answer.headers, answer.body)
            if wait is not None:
                raise _slower(request, answer, wait)
        if error is not None:
            raise error
        defect = answer_defect(
            request.request, request.headers, answer.status, answer.headers, answer.body
        )
        if defect is not None:
            raise RetryableError(defect, url=shown(request.url), status=answer.status)
        return answer

    def _status_error(self, request: WireRequest, answer: WireResponse) -> RetryableError | None:
        is_source = request.request.trust is Trust.SOURCE
        return status_error(
            answer.status,
            answer.headers,
            throttled=self._throttled if is_source else frozenset(),
            now=answer.received_at,
            url=shown(request.url),
        )


def _key(field: str) -> str:
    """What of a field's value is secret: all but the name of a scheme."""
    return field.rpartition(" ")[2]


def _slower(request: WireRequest, answer: WireResponse, wait: float) -> ThrottledError:
    """What an answer says in words, which its status or its fields leave open."""
    reason = f"the upstream asks for fewer requests (status {answer.status})"
    url = shown(request.url)
    return ThrottledError(reason, url=url, status=answer.status, retry_after=wait or None)
