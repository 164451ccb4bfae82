"""The fetcher that asks the store first."""

import asyncio
from collections.abc import AsyncGenerator, Hashable, Mapping, Sequence

import structlog

from adapters.http.cache_request import CacheRequest
from adapters.http.completion_stream import CompletionStream
from adapters.http.fetch_counters import FetchCounters
from adapters.http.outcomes import outcome_of
from adapters.http.private_cache import LAST_REFRESHES, Answer, PrivateCache, fresh_answer
from adapters.http.urls import absolute_url
from adapters.http.worker_room import WorkerRoom
from application.ports.clock import Clock
from application.ports.fetcher import BatchFetcher, Fetched
from application.ports.page_results import PageResults
from domain.errors import FetchError, RefusedError
from domain.http_caching.reuse import Decision, Fresh, Revalidate, reusable_until
from domain.http_caching.terms import terms_for
from domain.requests import Origin, Request, Response, Trust
from domain.runs import FetchStatistics
from domain.sources import Source
from domain.time_spent import CACHE

_of = tuple.__new__
_log = structlog.get_logger()

type _Decided = tuple[CacheRequest, Decision]


class CachingFetcher(BatchFetcher):
    """Domain requests and responses over a private cache.

    A batch has at most `concurrency` requests waiting; how many of all batches are in flight is
    the wire's to say, since a request that waits for its host must not hold up another's.
    Requests of a batch that are alike are asked once.

    Args:
        cache: answers.
        source: whose requests they are.
        base_url: of the source.
        counters: told of hits and overrides.
        concurrency: most requests of a batch that wait.
        hosts: base URLs of its further hosts, by name.
        page_results: keeps what its pages led to.
    """

    def __init__(
        self,
        *,
        cache: PrivateCache,
        source: Source,
        base_url: str,
        counters: FetchCounters,
        clock: Clock,
        concurrency: int,
        hosts: Mapping[str, str] | None = None,
        page_results: PageResults | None = None,
    ) -> None:
        self._cache = cache
        self._page_results = page_results
        self._source = source
        self._base_url = base_url
        self._hosts = hosts or {}
        self._counters = counters
        self._clock = clock
        self._concurrency = concurrency
        self._crew = WorkerRoom(concurrency, counters)
        self._terms = {trust: terms_for(source.policy.cache, trust) for trust in Trust}

    async def fetch(self, request: Request) -> Response:
        """The stored answer where it is fresh, else the upstream's."""
        asked = self._asked(request)
        (decision,) = await self._cache.look_up((asked,))
        outcome = self._outcome(asked, await self._cache.answer(asked, decision))
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome

    async def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        """Hits first, while the misses are already under way; one look-up for the batch."""
        asked = [self._asked(request) for request in requests]
        began = self._clock.monotonic()
        with self._counters.shared.counted(CACHE, len(asked), self._clock.monotonic):
            decisions = await self._cache.look_up(asked)
        self._counters.looking_up += self._clock.monotonic() - began
        hits: list[_Decided] = []
        misses: dict[Hashable, list[_Decided]] = {}
        for each, decision in zip(asked, decisions, strict=True):
            if _is_hit(decision):
                hits.append((each, decision))
            else:
                question = each.question if each.is_plain else _question(each)
                misses.setdefault(question, []).append((each, decision))
        _log.debug(
            "cache.looked_up",
            source=self._source.name,
            requests=len(asked),
            hits=len(hits),
            questions=len(misses),
        )
        groups = list(misses.values())
        async with CompletionStream(self._settle, groups, self._concurrency, self._crew) as stream:
            for each, decision in hits:
                if isinstance(decision, Fresh):
                    yield Fetched(each.request, self._hit(each, decision))
                else:
                    answer = await self._cache.answer(each, decision)
                    yield Fetched(each.request, self._outcome(each, answer))
            while stream.ready or await stream.more():
                for fetched in stream.take():
                    yield fetched

    @property
    def page_results(self) -> PageResults | None:
        """Keeps what the source's pages led to; None: nothing is kept."""
        return self._page_results

    def statistics(self) -> FetchStatistics:
        """Counts of all layers since the fetcher was opened."""
        return self._counters.snapshot(self._clock.monotonic())

    async def aclose(self, seconds: float = LAST_REFRESHES) -> None:
        """Wait for what the cache refreshes in the background, for so long at most."""
        await self._cache.aclose(seconds)

    def _asked(self, request: Request) -> CacheRequest:
        policy = request.cache
        if policy is None:
            terms = self._terms[request.trust]
        else:
            self._counters.overridden(request.kind, policy.mode)
            terms = terms_for(policy, request.trust)
        url = request.url
        if request.trust is Trust.SOURCE or request.params:
            url = absolute_url(self._base_url, request, self._hosts)
        return self._cache.request(request, url, terms)

    def _hit(self, asked: CacheRequest, decision: Fresh) -> Response | FetchError:
        if not asked.is_plain:
            return self._outcome(asked, self._cache.presented(asked, fresh_answer(asked, decision)))
        self._counters.cached(asked.url)
        stored = decision.stored
        until = reusable_until(stored, asked.terms)
        return outcome_of(stored, Origin.CACHE, asked.request, until)

    async def _settle(self, group: Sequence[_Decided]) -> list[Fetched]:
        """The outcomes of requests that are alike: of one exchange, where its answer is shared."""
        first, decision = group[0]
        outcome: Response | FetchError
        try:
            answer = await self._cache.answer(first, decision)
        except RefusedError:
            raise
        except FetchError as error:
            outcome, shared = error, True
        else:
            outcome, shared = self._outcome(first, answer), answer.shared
            if isinstance(outcome, RefusedError):
                raise outcome
        settled = [_of(Fetched, (first.request, outcome))]
        others = group[1:]
        if not others:
            return settled
        if shared:
            for each, _ in others:
                self._counters.cached(each.url)
            settled += [Fetched(each.request, outcome) for each, _ in others]
            return settled
        slots = asyncio.Semaphore(self._concurrency)

        async def ask(each: _Decided) -> list[Fetched]:
            async with slots:
                return await self._settle((each,))

        async with asyncio.TaskGroup() as tasks:
            asking = [tasks.create_task(ask(each)) for each in others]
        return settled + [fetched for task in asking for fetched in task.result()]

    def _outcome(self, asked: CacheRequest, answer: Answer) -> Response | FetchError:
        stored, origin, _, until = answer
        if origin is not Origin.NETWORK:
            self._count(asked, origin)
        outcome = outcome_of(stored, origin, asked.request, until)
        if isinstance(outcome, RefusedError) and (advice := self._source.policy.when_refused):
            reason = f"{outcome.reason}. {advice}"
            return RefusedError(reason, url=outcome.url, status=outcome.status)
        return outcome

    def _count(self, asked: CacheRequest, origin: Origin) -> None:
        """Told of an answer that was had from the store, in some way."""
        if origin is Origin.CACHE:
            self._counters.cached(asked.url)
        elif origin is Origin.REVALIDATED:
            self._counters.revalidated += 1
        elif origin is Origin.STALE:
            self._counters.stale += 1


def _question(asked: CacheRequest) -> Hashable:
    """Requests with the same one may have the same answer."""
    return asked.question if asked.request.method == "GET" or asked.is_query else id(asked)


def _is_hit(decision: Decision) -> bool:
    """It needs no waiting, and no place among the requests that do."""
    return isinstance(decision, Fresh) or (isinstance(decision, Revalidate) and decision.at_once)
