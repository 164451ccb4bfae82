"""Tells an answer from a failure that is worth repeating."""

from adapters.http.origins import shown
from adapters.http.statuses import status_error
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.requests import Trust


class JudgingWire(Wire):
    """Raises what a status says of the upstream's state; all else is an answer.

    Raises (besides what the inner wire raises):
        ThrottledError: 429, or what the source's policy names.
        RetryableError: 408, 425 and 5xx that pass.
    """

    def __init__(self, *, wire: Wire, throttled_statuses: frozenset[int]) -> None:
        self._wire = wire
        self._throttled = throttled_statuses

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, when it is one."""
        answer = await self._wire.send(request)
        is_source = request.request.trust is Trust.SOURCE
        error = status_error(
            answer.status,
            answer.headers,
            throttled=self._throttled if is_source else frozenset(),
            now=answer.received_at,
            url=shown(request.url),
        )
        if error is not None:
            raise error
        return answer
