"""The fetcher that asks the store first."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog

from adapters.http.cache_key import cache_key
from adapters.http.completion_stream import CompletionStream
from adapters.http.fetch_counters import FetchCounters
from adapters.http.outcomes import outcome_of
from adapters.http.urls import absolute_url, scrubbed_url
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.clock import Clock
from application.ports.fetcher import BatchFetcher, Fetched
from application.ports.response_cache import ResponseCache
from domain.errors import FetchError, RefusedError, RetryableError
from domain.headers import Headers
from domain.http_caching.reuse import Decision, Fresh, Revalidate, decide, may_serve_on_error
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import entry_to_store
from domain.http_caching.validation import freshened, is_confirmed
from domain.http_caching.vary import vary_key
from domain.requests import CacheMode, CachePolicy, Origin, Request, Response
from domain.runs import FetchStatistics
from domain.sources import Source

_NOT_MODIFIED = 304
_SUCCESS = range(200, 300)
_ABOUT_THE_KEY = frozenset({401, 403, 407})
_KEPT_TO_OURSELVES = frozenset({"set-cookie", "set-cookie2"})
_ABOUT_THE_CODED_BODY = frozenset({"content-encoding", "content-length"})
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A request with all that the cache needs to know of it."""

    request: Request
    url: str
    key: str
    policy: CachePolicy


class CachingFetcher(BatchFetcher):
    """A private HTTP cache (RFC 9111) over a wire; its rules are in `domain.http_caching`.

    A batch has at most `concurrency` requests waiting; how many of all batches are in flight is
    the wire's to say, since a request that waits for its host must not hold up another's.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        cache: ResponseCache,
        clock: Clock,
        source: Source,
        base_url: str,
        partition: str,
        counters: FetchCounters,
        concurrency: int,
        refresh: bool = False,
    ) -> None:
        self._wire = wire
        self._cache = cache
        self._clock = clock
        self._source = source
        self._base_url = base_url
        self._partition = partition
        self._counters = counters
        self._concurrency = concurrency
        self._refresh = refresh

    async def fetch(self, request: Request) -> Response:
        """The stored answer where it is fresh, else the upstream's."""
        lookup = self._lookup(request)
        (decision,) = await self._look_up((lookup,))
        if isinstance(decision, Fresh):
            outcome = self._hit(lookup, decision)
        else:
            outcome = await self._ask(lookup, decision)
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome

    async def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        """Hits first, while the misses are already under way; one look-up for the batch."""
        lookups = [self._lookup(request) for request in requests]
        decided = list(zip(lookups, await self._look_up(lookups), strict=True))
        misses = [each for each in decided if not isinstance(each[1], Fresh)]
        async with CompletionStream(self._settle, misses, self._concurrency) as stream:
            for lookup, decision in decided:
                if isinstance(decision, Fresh):
                    yield Fetched(lookup.request, self._hit(lookup, decision))
            async for fetched in stream.results():
                yield fetched

    def statistics(self) -> FetchStatistics:
        """Counts of all layers since the fetcher was opened."""
        return self._counters.snapshot()

    def _lookup(self, request: Request) -> _Lookup:
        url = absolute_url(self._base_url, request)
        policy = request.cache or self._source.policy.cache
        return _Lookup(request, url, cache_key(request, url, self._partition), policy)

    async def _look_up(self, lookups: Sequence[_Lookup]) -> list[Decision]:
        keys = [] if self._refresh else [each.key for each in lookups if _is_on(each.policy)]
        found = await self._cache.get_many(keys) if keys else {}
        now = self._now()
        decisions = [
            decide(found.get(each.key, ()), _request_headers(each.request), each.policy, now)
            for each in lookups
        ]
        _log.debug(
            "cache.looked_up",
            source=self._source.name,
            requests=len(lookups),
            fresh=sum(isinstance(decision, Fresh) for decision in decisions),
            stale=sum(isinstance(decision, Revalidate) for decision in decisions),
        )
        return decisions

    def _hit(self, lookup: _Lookup, decision: Fresh) -> Response | FetchError:
        self._counters.cache_hits += 1
        return outcome_of(decision.stored, Origin.CACHE, lookup.request.trust)

    async def _settle(self, miss: tuple[_Lookup, Decision]) -> Fetched:
        lookup, decision = miss
        try:
            outcome = await self._ask(lookup, decision)
        except FetchError as error:
            outcome = error
        if isinstance(outcome, RefusedError):
            raise outcome
        return Fetched(lookup.request, outcome)

    async def _ask(self, lookup: _Lookup, decision: Decision) -> Response | FetchError:
        """Everything that is not in the store comes through here, one call a request."""
        stored = decision.stored if isinstance(decision, Revalidate) else None
        conditions = decision.conditions if isinstance(decision, Revalidate) else ()
        try:
            answer = await self._send(lookup, conditions)
            if answer.status == _NOT_MODIFIED:
                if stored is not None and conditions and is_confirmed(stored, answer.headers):
                    return await self._confirm(lookup, stored, answer)
                answer = await self._send(lookup, ())
        except RetryableError as error:
            if stored is None or not may_serve_on_error(stored, self._now()):
                raise
            _log.warning("cache.stale_served", url=stored.url, reason=error.reason)
            return outcome_of(stored, Origin.STALE, lookup.request.trust)
        received = self._as_received(lookup, answer)
        await self._store(lookup, received, replaces=stored is not None or self._refresh)
        return outcome_of(received, Origin.NETWORK, lookup.request.trust)

    async def _send(self, lookup: _Lookup, conditions: tuple[tuple[str, str], ...]) -> WireResponse:
        return await self._wire.send(WireRequest(lookup.request, lookup.url, conditions))

    async def _confirm(
        self, lookup: _Lookup, stored: StoredResponse, answer: WireResponse
    ) -> Response | FetchError:
        self._counters.revalidated += 1
        current = freshened(stored, answer.headers, answer.requested_at, answer.received_at)
        await self._store(lookup, current, replaces=True)
        return outcome_of(current, Origin.REVALIDATED, lookup.request.trust)

    async def _store(self, lookup: _Lookup, answer: StoredResponse, *, replaces: bool) -> None:
        entry = None
        if answer.status not in _ABOUT_THE_KEY and not _is_foreign_page(lookup, answer.headers):
            entry = entry_to_store(answer, lookup.policy)
        if entry is not None:
            await self._cache.put(lookup.key, entry)
        elif replaces and answer.status in _SUCCESS and _is_on(lookup.policy):
            await self._cache.forget((lookup.key,))
        _log.debug("cache.answered", url=answer.url, status=answer.status, stored=bool(entry))

    def _as_received(self, lookup: _Lookup, answer: WireResponse) -> StoredResponse:
        headers = Headers(
            field
            for field in answer.headers
            if field[0] not in _KEPT_TO_OURSELVES and field[0] not in _ABOUT_THE_CODED_BODY
        )
        return StoredResponse(
            source=self._source.name,
            url=scrubbed_url(lookup.url),
            status=answer.status,
            headers=headers,
            body=answer.body,
            vary_key=vary_key(headers, _request_headers(lookup.request)),
            requested_at=answer.requested_at,
            received_at=answer.received_at,
            body_received_at=answer.received_at,
            expires_at=answer.received_at,
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _is_on(policy: CachePolicy) -> bool:
    return policy.mode is not CacheMode.OFF


def _is_foreign_page(lookup: _Lookup, headers: Headers) -> bool:
    """A web page where data was asked for: a challenge or a notice, whatever its status."""
    kind = (headers.get("content-type") or "").lstrip().lower()
    accepted = lookup.request.accept
    return kind.startswith("text/html") and "html" not in accepted and "*/*" not in accepted


def _request_headers(request: Request) -> Headers:
    return _headers_for(request.accept)


@lru_cache(maxsize=64)
def _headers_for(accept: str) -> Headers:
    """The fields that differ between requests; all others are the same for every one."""
    return Headers((("accept", accept),))
