"""Follows redirects where that is allowed."""

from dataclasses import replace
from urllib.parse import urljoin

import structlog

from adapters.http.origins import shown
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.errors import HostileError, PermanentError
from domain.requests import Trust

MOST_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_log = structlog.get_logger()


class RedirectingWire(Wire):
    """Follows at most MOST_REDIRECTS redirects of an untrusted request, none of a source's own.

    Each hop is a request of its own to the layers below: its host is limited, its address judged.
    All hops together have `total` seconds on the wire; waits for limits do not count.

    Raises (besides what the inner wire raises):
        PermanentError: too many redirects, or one that is not to be followed.
        HostileError: a source that leaves TLS.
    """

    def __init__(self, *, wire: Wire, total: float) -> None:
        self._wire = wire
        self._total = total

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer at the end of the way."""
        answer = await self._wire.send(request)
        if not _is_redirect(answer):
            return answer
        if request.request.trust is Trust.SOURCE:
            raise _refusal(request.url, _target(request.url, answer))
        left = self._total
        hop = request
        for _ in range(MOST_REDIRECTS):
            left -= max(0.0, answer.received_at - answer.requested_at)
            target = _target(hop.url, answer)
            if hop.url.startswith("https:") and target.startswith("http:"):
                _log.debug("http.downgraded", url=shown(hop.url), target=shown(target))
            hop = replace(request, url=target, seconds=max(0.0, left))
            answer = await self._wire.send(hop)
            if not _is_redirect(answer):
                return answer
        message = f"more than {MOST_REDIRECTS} redirects"
        raise PermanentError(message, url=shown(request.url))


def _is_redirect(answer: WireResponse) -> bool:
    return answer.status in _REDIRECTS and "location" in answer.headers


def _target(url: str, answer: WireResponse) -> str:
    location = answer.headers.get_all("location")[0]
    try:
        return urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError as exc:
        message = "the answer redirects to something that is not an address"
        raise PermanentError(message, url=shown(url)) from exc


def _refusal(url: str, target: str) -> PermanentError | HostileError:
    if url.startswith("https:") and target.startswith("http:"):
        message = f"the source redirects to {shown(target)}, out of TLS; this is not followed"
        return HostileError(message, url=shown(url))
    message = (
        f"the source redirects to {shown(target)}; this is not followed, "
        "because keys never leave the source's base URL"
    )
    return PermanentError(message, url=shown(url))
