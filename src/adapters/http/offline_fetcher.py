"""The fetcher that asks nobody."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from adapters.http.cache_request import CacheRequest, cache_request
from adapters.http.fetch_counters import FetchCounters
from adapters.http.outcomes import outcome_of
from adapters.http.stored_answers import StoredAnswers
from adapters.http.urls import absolute_url
from application.ports.clock import Clock
from application.ports.fetcher import BatchFetcher, Fetched
from domain.errors import FetchError, NotCachedError
from domain.http_caching.reuse import selected
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import terms_for
from domain.requests import CacheMode, CachePolicy, Origin, Request, Response
from domain.runs import FetchStatistics
from domain.scrubbing import scrubbed_url
from domain.sources import Source
from domain.time_spent import CACHE


class OfflineFetcher(BatchFetcher):
    """Answers from what is stored, however old, and says what is not there.

    Args:
        answers: what is stored.
        clock: tells what has expired.
        source: whose requests they are.
        base_url: of the source.
        partition: of the key that would be sent.
        counters: told of hits.
        hosts: base URLs of its further hosts, by name.
    """

    def __init__(
        self,
        *,
        answers: StoredAnswers,
        clock: Clock,
        source: Source,
        base_url: str,
        partition: str,
        counters: FetchCounters,
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        self._answers = answers
        self._clock = clock
        self._source = source
        self._base_url = base_url
        self._hosts = hosts or {}
        self._partition = partition
        self._counters = counters

    async def fetch(self, request: Request) -> Response:
        """The newest stored answer.

        Raises:
            NotCachedError: there is none.
            PermanentError, RefusedError: it is an error.
        """
        (fetched,) = await self._found((request,))
        if isinstance(fetched.outcome, FetchError):
            raise fetched.outcome
        return fetched.outcome

    async def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        """Each request with its newest stored answer; one visit to the store for all."""
        for fetched in await self._found(requests):
            yield fetched

    def statistics(self) -> FetchStatistics:
        """Counts since the fetcher was opened."""
        return self._counters.snapshot(self._clock.monotonic())

    async def _found(self, requests: Sequence[Request]) -> list[Fetched]:
        asked = [self._asked(request) for request in requests]
        with self._counters.shared.counted(CACHE, len(asked), self._clock.monotonic):
            found = await self._answers.get_many([each.key for each in asked if each.may_reuse])
        now = self._clock.timestamp()
        fetched = []
        for each in asked:
            variants = found.get(each.key, ()) if each.may_reuse else ()
            stored = selected(variants, each.headers, now)
            fetched.append(Fetched(each.request, self._outcome(each, stored)))
        return fetched

    def _asked(self, request: Request) -> CacheRequest:
        policy = request.cache or self._source.policy.cache
        if policy.mode is CacheMode.REFRESH:
            policy = CachePolicy(CacheMode.IMMUTABLE)  # anew is what nobody can be asked now
        terms = terms_for(policy, request.trust)
        url = absolute_url(self._base_url, request, self._hosts)
        return cache_request(request, url, terms, self._partition)

    def _outcome(self, asked: CacheRequest, stored: StoredResponse | None) -> Response | FetchError:
        if stored is None:
            return NotCachedError("not in the cache", url=scrubbed_url(asked.url))
        self._counters.cached(asked.url)
        return outcome_of(stored, Origin.STALE, asked.request)
