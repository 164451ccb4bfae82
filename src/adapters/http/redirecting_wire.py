"""Follows redirects where that is allowed."""

import re
from dataclasses import replace
from urllib.parse import urljoin

import structlog

from adapters.http.limits.url_prefix import url_prefix
from adapters.http.origins import shown
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.errors import HostileError, PermanentError
from domain.requests import Request, Trust

MOST_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AS_GET = frozenset({301, 302, 303})
_KEEP_METHOD = frozenset({"GET", "HEAD"})
_LONGEST_LOCATION = 8192
_NO_HOST = re.compile(r"\s*(?:https?:)?//(?:[/?#]|\s*$)", re.IGNORECASE)  # RFC 9110 section 4.2.1
_TRAVELLING = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "pragma",
        "range",
    }
)
"""Fields that hold no secret and may be told to another origin."""

_MOST_TOLD = 1000
_log = structlog.get_logger()


class RedirectingWire(Wire):
    """Follows at most MOST_REDIRECTS redirects of an untrusted request, none of a source's own.

    Each hop is a request of its own to the layers below: its host is limited, its address judged.
    All hops together have `total` seconds on the wire; waits for limits do not count.

    Raises (besides what the inner wire raises):
        PermanentError: too many redirects, or one that is not to be followed.
        HostileError: a source that leaves TLS, or a redirect to what is not on the web.
    """

    def __init__(self, *, wire: Wire, total: float) -> None:
        self._wire = wire
        self._total = total
        self._told: set[str] = set()

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer at the end of the way."""
        answer = await self._wire.send(request)
        if answer.status not in _REDIRECTS or "location" not in answer.headers:
            return answer
        if request.request.trust is Trust.SOURCE:
            raise _refusal(request.url, _target(request.url, answer))
        left = self._total
        hop = request
        for _ in range(MOST_REDIRECTS):
            left -= max(0.0, answer.received_at - answer.requested_at)
            target = _target(hop.url, answer)
            if hop.url.startswith("https:") and target.startswith("http:"):
                self._tell_downgrade(hop.url, target)
            hop = _next_hop(hop, target, answer.status)._replace(seconds=max(0.0, left))
            answer = await self._wire.send(hop)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
        message = f"more than {MOST_REDIRECTS} redirects"
        raise PermanentError(message, url=shown(request.url))

    def _tell_downgrade(self, url: str, target: str) -> None:
        """Once a host: what it redirects to comes without TLS."""
        host = url_prefix(url)
        if host not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(host)
            _log.warning("http.downgraded", url=shown(url), target=shown(target))


def _next_hop(hop: WireRequest, target: str, status: int) -> WireRequest:
    """The request that a redirect leads to (RFC 9110 section 15.4).

    To another origin go no fields but those that are known to hold no secret.
    """
    asked: Request = hop.request
    headers = hop.headers
    if status in _AS_GET and asked.method not in _KEEP_METHOD:
        asked = replace(asked, method="GET", content=b"")
    if url_prefix(target) != url_prefix(hop.url):
        headers = tuple(field for field in headers if field[0].lower() in _TRAVELLING)
        kept = tuple(field for field in asked.headers if field[0].lower() in _TRAVELLING)
        if kept != asked.headers:
            asked = replace(asked, headers=kept)
    return hop._replace(request=asked, url=target, headers=headers)


def _target(url: str, answer: WireResponse) -> str:
    location = answer.headers.get_all("location")[0]
    if len(location) > _LONGEST_LOCATION:
        message = "the answer redirects to an address that is too long"
        raise PermanentError(message, url=shown(url))
    message = "the answer redirects to something that is not an address"
    if _NO_HOST.match(location):
        raise PermanentError(message, url=shown(url))
    try:
        target = urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError as exc:
        raise PermanentError(message, url=shown(url)) from exc
    scheme, _, rest = target.partition(":")
    target = f"{scheme.lower()}:{rest}"
    if not target.startswith(("https://", "http://")):
        message = f"the answer redirects to {shown(target)}, which is not on the web"
        raise HostileError(message, url=shown(url))
    return target


def _refusal(url: str, target: str) -> PermanentError | HostileError:
    if url.startswith("https:") and target.startswith("http:"):
        message = f"the source redirects to {shown(target)}, out of TLS; this is not followed"
        return HostileError(message, url=shown(url))
    message = (
        f"the source redirects to {shown(target)}; this is not followed, "
        "because keys never leave the source's base URL"
    )
    return PermanentError(message, url=shown(url))
