"""Puts the HTTP layers together."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from adapters.http.authenticating_wire import AuthenticatingWire
from adapters.http.caching_fetcher import CachingFetcher
from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.http_settings import HttpSettings
from adapters.http.httpx_wire import HttpxWire
from adapters.http.judging_wire import JudgingWire
from adapters.http.kept_page_results import KeptPageResults
from adapters.http.limiting_wire import LimitingWire
from adapters.http.limits.rate_limiters import RateLimiters
from adapters.http.name_resolver import SystemNameResolver
from adapters.http.offline_fetcher import OfflineFetcher
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.private_cache import LAST_REFRESHES, PrivateCache
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.retrying_wire import RetryingWire
from adapters.http.shared_wires import CurrentCounters, SharedWires, counting
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.stored_answers import StoredAnswers
from adapters.http.wire import Wire
from application.ports.clock import Clock
from application.ports.credentials import Credential, Credentials
from application.ports.fetcher import BatchFetcher
from application.ports.fetchers import Fetchers, FetchOptions
from application.ports.page_results import PageResults
from application.ports.response_cache import ResponseCache
from domain.sources import Source


class HttpFetchers(Fetchers):
    """The layers of HTTP: cache, key, retries, redirects, limits, judgement, exchange.

    The clients live as long as the opened fetcher; the cache is shared and stays open.
    """

    def __init__(
        self,
        *,
        credentials: Credentials,
        cache: ResponseCache,
        clock: Clock,
        settings: HttpSettings,
    ) -> None:
        self._credentials = credentials
        self._cache = cache
        self._clock = clock
        self._settings = settings
        self._guard = SsrfGuard(settings.allow_private)
        self._limiters = RateLimiters(settings.redis_url, clock)
        self._shared = SharedWires[Wire]()

    def open(
        self, source: Source, options: FetchOptions
    ) -> AbstractAsyncContextManager[BatchFetcher]:
        """A fetcher for one run.

        Entering raises MissingKeyError or RetryableError when no key is to be had.
        """
        return (
            nullcontext(self._offline(source)) if options.offline else self._open(source, options)
        )

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Runs within the context use the same wires."""
        return self._shared.kept()

    def _offline(self, source: Source) -> OfflineFetcher:
        partition = self._credentials.partition(source)
        return OfflineFetcher(
            answers=StoredAnswers(cache=self._cache, source=source.name, partition=partition),
            clock=self._clock,
            source=source,
            base_url=self._settings.base_url(source),
            partition=partition,
            counters=FetchCounters(),
            hosts=self._settings.hosts(source),
        )

    @asynccontextmanager
    async def _open(self, source: Source, options: FetchOptions) -> AsyncGenerator[BatchFetcher]:
        credential = await self._credentials.credential(source)
        counters = FetchCounters()
        concurrency = options.concurrency or self._settings.concurrency
        async with self._run_wire(source, credential, counters, concurrency) as wire:
            fetcher = CachingFetcher(
                cache=self._private_cache(wire, source, credential, refresh=options.refresh),
                source=source,
                base_url=self._settings.base_url(source),
                counters=counters,
                clock=self._clock,
                concurrency=concurrency,
                hosts=self._settings.hosts(source),
                page_results=self._page_results(source, credential, counters, options),
            )
            patience = 0.0
            try:
                yield fetcher
                patience = LAST_REFRESHES
            finally:
                await fetcher.aclose(patience)

    def _page_results(
        self,
        source: Source,
        credential: Credential | None,
        counters: FetchCounters,
        options: FetchOptions,
    ) -> PageResults | None:
        if not source.carries_pages:
            return None
        return KeptPageResults(
            cache=self._cache,
            source=source,
            partition=credential.partition if credential else "",
            base_url=self._settings.base_url(source),
            hosts=self._settings.hosts(source),
            counters=counters,
            clock=self._clock,
            refresh=options.refresh,
        )

    @asynccontextmanager
    async def _run_wire(
        self,
        source: Source,
        credential: Credential | None,
        counters: FetchCounters,
        concurrency: int,
    ) -> AsyncGenerator[Wire]:
        """A wire of the run's own, or one that it shares."""
        if not self._shared.are_kept:
            async with self._wire(source, credential, counters, concurrency) as own:
                yield own
            return
        key = (source.name, concurrency, credential.partition if credential else None)
        found = await self._shared.wire(
            key, lambda: self._wire(source, credential, CurrentCounters(), concurrency)
        )
        with counting(counters):
            yield found

    def _private_cache(
        self, wire: Wire, source: Source, credential: Credential | None, *, refresh: bool
    ) -> PrivateCache:
        partition = credential.partition if credential else ""
        answers = StoredAnswers(cache=self._cache, source=source.name, partition=partition)
        return PrivateCache(
            wire=wire, answers=answers, clock=self._clock, partition=partition, refresh=refresh
        )

    @asynccontextmanager
    async def _wire(
        self,
        source: Source,
        credential: Credential | None,
        counters: FetchCounters,
        concurrency: int,
    ) -> AsyncGenerator[Wire]:
        settings = self._settings
        base_url = settings.base_url(source)
        deadlines = Deadlines(total=settings.total_timeout)
        resolver = SystemNameResolver()
        keyed, untrusted = (
            http_client(
                backend=PinnedBackend(resolver=resolver, guard=guard),
                deadlines=deadlines,
                user_agent=settings.user_agent,
                concurrency=concurrency,
            )
            for guard in (None, self._guard)
        )
        limits = (credential and credential.limits) or source.policy.limits
        partition = credential.partition if credential else ""
        try:
            async with (
                keyed,
                untrusted,
                self._limiters.limiter(limits, base_url, partition) as limiter,
            ):
                httpx_wire = HttpxWire(
                    keyed=keyed,
                    untrusted=untrusted,
                    guard=self._guard,
                    base_url=base_url,
                    clock=self._clock,
                    counters=counters,
                    deadlines=deadlines,
                    hosts=settings.hosts(source),
                )
                limiting_wire = LimitingWire(
                    wire=JudgingWire(
                        wire=httpx_wire,
                        throttled_statuses=source.policy.throttled_statuses,
                        limited=source.policy.limited,
                        key_field=source.policy.api_key.header if source.policy.api_key else "",
                    ),
                    clock=self._clock,
                    counters=counters,
                    guard=self._guard,
                    concurrency=concurrency,
                    source_slots=source.policy.concurrency,
                    limiter=limiter,
                    limits=limits,
                )
                redirecting_wire = RedirectingWire(wire=limiting_wire, total=deadlines.total)
                yield AuthenticatingWire(
                    wire=RetryingWire(wire=redirecting_wire, counters=counters),
                    credentials=self._credentials,
                    source=source,
                    base_url=base_url,
                )
        finally:
            resolver.close()
