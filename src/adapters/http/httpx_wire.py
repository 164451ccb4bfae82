"""The wire over httpx."""

import asyncio

import httpx
import structlog

from adapters.http.body_reader import BodyReader
from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.origins import origin_of, shown
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.statuses import status_error
from adapters.http.wire import Wire, WireRequest, WireResponse
from adapters.http.wire_errors import wire_error
from application.ports.clock import Clock
from domain.errors import FetchError, HostileError, PermanentError, RetryableError
from domain.headers import Headers
from domain.requests import Trust

MOST_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_log = structlog.get_logger()


class HttpxWire(Wire):
    """Sends a request by one of two clients.

    Trust.SOURCE goes by the keyed client, to the source's own origin alone, and follows no
    redirect. Trust.UNTRUSTED goes by the untrusted client, which carries no keys; each address
    on its way is judged by the guard.
    """

    def __init__(
        self,
        *,
        keyed: httpx.AsyncClient,
        untrusted: httpx.AsyncClient,
        guard: SsrfGuard,
        base_url: str,
        throttled_statuses: frozenset[int],
        clock: Clock,
        counters: FetchCounters,
        deadlines: Deadlines,
    ) -> None:
        self._keyed = keyed
        self._untrusted = untrusted
        self._guard = guard
        self._origin = origin_of(base_url)
        self._throttled = throttled_statuses
        self._clock = clock
        self._counters = counters
        self._deadlines = deadlines
        self._reader = BodyReader(deadlines, clock.monotonic)

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, after redirects where they are followed."""
        try:
            async with asyncio.timeout(self._deadlines.total):
                if request.request.trust is Trust.SOURCE:
                    return await self._ask_source(request)
                return await self._ask_untrusted(request)
        except TimeoutError as exc:
            raise self._too_slow(request, str(exc)) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise wire_error(exc, request.url) from exc

    async def _ask_source(self, request: WireRequest) -> WireResponse:
        if origin_of(request.url) != self._origin:
            message = "a request of the source leads to another origin than its base URL"
            raise PermanentError(message, url=shown(request.url))
        answer = await self._exchange(self._keyed, httpx.URL(request.url), request)
        if isinstance(answer, httpx.URL):
            message = (
                f"the source redirects to {shown(str(answer))}; this is not followed, "
                "because keys never leave the source's base URL"
            )
            raise PermanentError(message, url=shown(request.url))
        return answer

    async def _ask_untrusted(self, request: WireRequest) -> WireResponse:
        url = self._guard.check_url(request.url)
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._exchange(self._untrusted, url, request)
            if isinstance(answer, WireResponse):
                return answer
            target = self._guard.check_url(str(answer))
            if url.scheme == "https" and target.scheme == "http":
                _log.debug("http.downgraded", url=shown(str(url)), target=shown(str(target)))
            url = target
        message = f"more than {MOST_REDIRECTS} redirects"
        raise PermanentError(message, url=shown(request.url))

    async def _exchange(
        self, client: httpx.AsyncClient, url: httpx.URL, request: WireRequest
    ) -> WireResponse | httpx.URL:
        """One request and its answer, or where it redirects to."""
        fields = [("Accept", request.request.accept), *request.headers]
        requested_at = self._clock.now().timestamp()
        self._counters.requests += 1
        async with client.stream("GET", url, headers=fields) as response:
            received_at = self._clock.now().timestamp()
            headers = response_headers(response)
            status = response.status_code
            if status in _REDIRECTS and "location" in headers:
                await self._reader.discard(response)
                return _redirect_target(url, headers)
            error = status_error(
                status,
                headers,
                throttled=self._throttled_by(request),
                now=received_at,
                url=shown(str(url)),
            )
            if error is not None:
                await self._reader.discard(response)
                raise error
            body, sent = await self._reader.read(response, headers, request.request.max_bytes)
        self._counters.bytes += sent
        _log.debug("http.answered", url=shown(str(url)), status=status, bytes=sent)
        return WireResponse(status, headers, body, requested_at, received_at, str(url))

    def _throttled_by(self, request: WireRequest) -> frozenset[int]:
        return self._throttled if request.request.trust is Trust.SOURCE else frozenset()

    def _too_slow(self, request: WireRequest, reason: str) -> FetchError:
        """A stranger who is slow may mean to be; our own source may be asked again."""
        kind = RetryableError if request.request.trust is Trust.SOURCE else HostileError
        reason = reason or f"no whole answer within {self._deadlines.total:g} s"
        return kind(reason, url=shown(request.url))


def response_headers(response: httpx.Response) -> Headers:
    """The fields of an answer, in order."""
    return Headers(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
    )


def _redirect_target(url: httpx.URL, headers: Headers) -> httpx.URL:
    return url.join(headers.get_all("location")[0].encode("latin-1").decode("utf-8", "replace"))
