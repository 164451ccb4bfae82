"""The wire over httpx."""

import logging
from collections.abc import Mapping

import httpx
import structlog

from adapters.http.body_reader import BodyReader, check_size
from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.known_urls import KnownUrls
from adapters.http.origins import origin_of, shown
from adapters.http.plain_requests import PlainRequest, PlainRequests
from adapters.http.prepared_requests import PreparedRequests
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.total_deadlines import TotalDeadlines
from adapters.http.transport.connection import Exchange
from adapters.http.transport.engine_response import EngineResponse
from adapters.http.wire import Wire, WireRequest, WireResponse
from adapters.http.wire_errors import wire_error
from application.ports.clock import Clock
from domain.errors import FetchError, HostileError, PermanentError, RetryableError
from domain.headers import Headers
from domain.requests import Trust

_SUCCESS = range(200, 300)
_FAILURES = frozenset({418, 429, *range(500, 600)})
_FAILURE_BYTES = 64 * 1024
_MOST_NAMES = 512
_of = tuple.__new__
_log = structlog.get_logger()


class HttpxWire(Wire):
    """One exchange, by one of two clients; any final status is an answer.

    Trust.SOURCE goes by the keyed client, to the source's own origin alone. Trust.UNTRUSTED goes
    by the untrusted client, which carries no keys, to an address that the guard has judged.
    Redirects are answers here.

    Raises:
        RetryableError, PermanentError, HostileError: as `Wire` says, but never for a status.
    """

    def __init__(
        self,
        *,
        keyed: httpx.AsyncClient,
        untrusted: httpx.AsyncClient,
        guard: SsrfGuard,
        base_url: str,
        clock: Clock,
        counters: FetchCounters,
        deadlines: Deadlines,
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        self._keyed = _Way(keyed, KnownUrls(httpx.URL))
        self._untrusted = _Way(untrusted, KnownUrls(guard.check_url))
        self._origins = {origin_of(each) for each in (base_url, *(hosts or {}).values())}
        self._clock = clock
        self._counters = counters
        self._deadlines = deadlines
        self._totals = TotalDeadlines()
        self._log = _log.bind()  # asked for once, not once a request
        self._tells = self._log.is_enabled_for(logging.DEBUG)
        self._reader = BodyReader(deadlines, clock.monotonic)

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, redirects included."""
        seconds = self._deadlines.total if request.seconds is None else request.seconds
        try:
            with self._totals.within(seconds):
                way = self._untrusted
                if request.request.trust is Trust.SOURCE:
                    self._check_own(request)
                    way = self._keyed
                plain = way.plain.plain(request)
                if plain is not None:
                    return await self._plainly(way, request, plain)
                return await self._by_client(way, request)
        except TimeoutError as exc:
            raise self._too_slow(request, str(exc)) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise wire_error(exc, request.url) from exc

    def _check_own(self, request: WireRequest) -> None:
        if origin_of(request.url) not in self._origins:
            message = "a request of the source leads to another origin than its base URL"
            raise PermanentError(message, url=shown(request.url))

    async def _by_client(self, way: "_Way", request: WireRequest) -> WireResponse:
        asked = request.request
        url = way.urls.url(request.url)
        prepared = way.requests.build(url, asked, request.headers)
        self._counters.requests += 1
        requested_at = self._clock.timestamp()
        response = await way.client.send(prepared, stream=True)
        return await self._received(request, response, str(url), requested_at)

    async def _plainly(
        self, way: "_Way", request: WireRequest, plain: PlainRequest
    ) -> WireResponse:
        """By our engine, which as a rule has the whole answer at once."""
        engine, route, head, url = plain
        self._counters.requests += 1
        requested_at = self._clock.timestamp()
        exchange = await engine.exchange(route.origin, head, way.plain.timeouts)
        status = exchange.status
        if status in _SUCCESS and not exchange.close_delimited:
            headers = _headers_of(exchange)
            body = None if "content-encoding" in headers.by_name else exchange.whole()
            if body is not None:
                received_at = self._clock.timestamp()
                check_size(body, request.request.max_bytes, url)
                self._count(request, status, len(body))
                parts = (status, headers, body, requested_at, received_at, url)
                return _of(WireResponse, parts)
        response = EngineResponse(exchange)
        response.request = httpx.Request("GET", url)
        return await self._received(request, response, url, requested_at)

    async def _received(
        self, request: WireRequest, response: httpx.Response, url: str, requested_at: float
    ) -> WireResponse:
        try:
            received_at = self._clock.timestamp()
            headers = response_headers(response)
            status = response.status_code
            body, sent = await self._body(response, headers, request.request.max_bytes)
        finally:
            await response.aclose()
        self._count(request, status, sent)
        return WireResponse(status, headers, body, requested_at, received_at, url)

    def _count(self, request: WireRequest, status: int, sent: int) -> None:
        self._counters.bytes += sent
        if self._tells:
            self._log.debug("http.answered", url=shown(request.url), status=status, bytes=sent)

    async def _body(
        self, response: httpx.Response, headers: Headers, max_bytes: int
    ) -> tuple[bytes, int]:
        """What an upstream says of its failure is read where it can be; its status counts."""
        if response.has_redirect_location:
            await self._reader.discard(response)
            return b"", 0
        if response.status_code not in _FAILURES:
            return await self._reader.read(response, headers, max_bytes)
        try:
            return await self._reader.read(response, headers, min(max_bytes, _FAILURE_BYTES))
        except (FetchError, httpx.HTTPError):
            return b"", 0

    def _too_slow(self, request: WireRequest, reason: str) -> FetchError:
        """A stranger who is slow may mean to be; our own source may be asked again."""
        kind = RetryableError if request.request.trust is Trust.SOURCE else HostileError
        reason = reason or f"no whole answer within {self._deadlines.total:g} s"
        return kind(reason, url=shown(request.url))


class _Way:
    """A client, with what it saves from request to request."""

    def __init__(self, client: httpx.AsyncClient, urls: KnownUrls) -> None:
        self.client = client
        self.urls = urls
        self.requests = PreparedRequests(client)
        self.plain = PlainRequests(client, urls, self.requests)


def response_headers(response: httpx.Response) -> Headers:
    """The fields of an answer, in order."""
    if isinstance(response, EngineResponse):
        return _headers_of(response.exchange)
    return Headers((str(n, "latin-1"), str(v, "latin-1")) for n, v in response.headers.raw)


def _headers_of(exchange: Exchange) -> Headers:
    """The same, without httpx's objects."""
    lower = exchange.headers
    names = _NAMES
    return Headers.of_lower_case([(names[n], v.decode("latin-1")) for n, v in lower])


class _FieldNames(dict[bytes, str]):
    """Names as text, each decoded once; strangers may send any, so that there is a bound."""

    def __missing__(self, name: bytes) -> str:
        text = name.decode("latin-1")
        if len(self) < _MOST_NAMES:
            self[name] = text
        return text


_NAMES = _FieldNames()
