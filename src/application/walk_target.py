"""Walks a target: fetch, parse, check, stage, until nothing is left to ask."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

import structlog

from application.first_error import first_error
from application.page_gatherer import PageGatherer
from application.pending_requests import PendingRequests
from application.ports.clock import Clock
from application.ports.dataset_writer import Staging
from application.ports.fetcher import BatchFetcher, Fetched
from application.walk_numbers import WalkNumbers
from domain.checkpoint import WalkState
from domain.errors import (
    FetchError,
    NotCachedError,
    ParseError,
    PipelineError,
    UpstreamDownError,
)
from domain.page_results import WholePage
from domain.requests import CacheMode, CachePolicy, Origin, Request, Response, Trust
from domain.sources import Page, Source

BATCH = 128
LANES = 4
"""Batches of items that are fetched at the same time; pages have a lane of their own besides."""

_LOW_WATER = 256  # items that wait, below which a page is fetched
_CACHED = (Origin.CACHE, Origin.STALE)
_log = structlog.get_logger()


class WalkTarget:
    """One walk.

    Taking in an answer is one step without a wait, so that whoever looks in between, a
    checkpoint above all, sees each request either pending or with all that it led to.

    Attributes:
        numbers: what it has come to.

    Args:
        max_errors: most items that may fail; None: any number.
        reading: changes with the way in which the source reads answers.
    """

    def __init__(
        self,
        source: Source,
        fetcher: BatchFetcher,
        staging: Staging,
        *,
        clock: Clock,
        max_errors: int | None,
        reading: str = "",
    ) -> None:
        self._source = source
        self._fetcher = fetcher
        self._staging = staging
        self._clock = clock
        self._gatherer = PageGatherer(fetcher.page_results, reading, clock)
        self.numbers = WalkNumbers(max_errors)
        self._tables = {table.name for table in source.tables}
        self._pending = PendingRequests(_LOW_WATER)

    def begin(self, requests: Sequence[Request]) -> None:
        """Stand at the first requests."""
        self._pending.add(requests)

    def restore(self, state: WalkState) -> None:
        """Stand where an earlier attempt stood."""
        self._pending.add(state.pending)
        self.numbers.restore(state)

    def state(self) -> WalkState:
        """Where the walk stands, in one step."""
        return self.numbers.state(tuple(self._pending))

    async def run(self, advanced: Callable[[], None]) -> None:
        """Walk to the end.

        Args:
            advanced: called after each answer.

        Raises:
            PipelineError: the first one that the source does not absorb.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for count in (0, *[BATCH] * LANES):
                    group.create_task(self._lane(count, advanced))
        except* PipelineError as errors:
            raise first_error(errors) from errors

    async def _lane(self, count: int, advanced: Callable[[], None]) -> None:
        while batch := await self._pending.take(count, self._gather_the_rest):
            async with aclosing(self._fetcher.fetch_many(batch)) as outcomes:
                async for fetched in outcomes:
                    rest = self._take_in(fetched)
                    if rest is not None:
                        await rest
                    advanced()
            await self._pending.tell()

    def _gather_the_rest(self) -> bool:
        """Hand back what is deferred, when nothing else is left; False: neither is that."""
        if not self.numbers.deferred:
            return False
        self._gather()
        return True

    def _take_in(self, fetched: Fetched) -> Awaitable[None] | None:
        """Read an answer; what is left to do about it, as a rule nothing."""
        request, outcome = fetched
        began = self._clock.monotonic()
        try:
            page = self._read(request, outcome)
        except ParseError as error:
            self.numbers.parsing += self._clock.monotonic() - began
            return self._take_in_again(request, error)
        return self._took_in(
            request, None if isinstance(outcome, FetchError) else outcome, page, began
        )

    def _took_in(
        self, request: Request, answer: Response | None, page: Page, began: float
    ) -> Awaitable[None] | None:
        self.numbers.asked += answer is None or answer.origin not in _CACHED
        fetched_at = answer.fetched_at if answer else self._clock.now()
        held = self._gatherer.behind(page) if request.expands else ()
        if held:
            page = self._hold(page, held)
        self._absorb(page, fetched_at, request)
        whole = self._gatherer.read(request, answer, page)
        self.numbers.parsing += self._clock.monotonic() - began
        if held or whole is not None or page.requests or self._staging.is_full:
            return self._see_to(request, held, whole, leads_on=bool(page.requests))
        return None

    async def _see_to(
        self,
        request: Request,
        held: Sequence[Request],
        whole: WholePage | None,
        *,
        leads_on: bool,
    ) -> None:
        """All that waits for somebody."""
        await self._drain()
        if leads_on:
            await self._pending.tell()
        if held:
            await self._look_behind(request, held)
        if whole is not None:
            await self._gatherer.keep(whole)

    async def _drain(self) -> None:
        if self._staging.is_full:
            began = self._clock.monotonic()
            await self._staging.drain()
            self.numbers.writing += self._clock.monotonic() - began

    def _hold(self, page: Page, held: Sequence[Request]) -> Page:
        """The page without its items' requests, which wait until it is known what they led to."""
        self._pending.hold(held)
        following = [each for each in page.requests if each.expands]
        self.numbers.pages += not following
        return replace(page, requests=following)

    async def _look_behind(self, request: Request, held: Sequence[Request]) -> None:
        """Carry over what requests behind a page led to before, or have them asked."""
        known = await self._gatherer.recall(request, held)
        began = self._clock.monotonic()
        self._pending.let_go(held)
        if known is None:
            self._pending.add(held)
        else:
            for table, answers in known.rows.items():
                self._staging.append_answers(table, answers)
            self._pending.add(known.again)
            self.numbers.note(Page(items=known.items, notes=known.notes, tallies=known.tallies))
            for failure in known.failures:
                self.numbers.fail(failure)
        self.numbers.parsing += self._clock.monotonic() - began
        await self._drain()
        await self._pending.tell()

    def _read(self, request: Request, outcome: Response | FetchError) -> Page:
        """What an outcome says; ParseError where it is worth asking once more."""
        if isinstance(outcome, FetchError):
            if isinstance(outcome, UpstreamDownError) and request.trust is Trust.SOURCE:
                raise outcome  # all that is left to ask would fail alike
            if isinstance(outcome, NotCachedError):
                self.numbers.lacks(outcome.url)
            return self._source.failed(request, outcome)
        try:
            return self._source.parse(request, outcome)
        except ParseError as error:
            if request.trust is Trust.SOURCE:
                raise
            return self._source.failed(request, error)

    async def _take_in_again(self, request: Request, error: ParseError) -> None:
        """Ask once more past the cache: upstreams cut answers off and send 200."""
        _log.info("page.unreadable", kind=request.kind, url=request.url, reason=str(error))
        answer: Response | None = None
        try:
            fresh = replace(request, cache=CachePolicy(CacheMode.OFF))
            answer = await self._fetcher.fetch(fresh)
            began = self._clock.monotonic()
            page = self._source.parse(request, answer)
        except (FetchError, ParseError) as again:
            began = self._clock.monotonic()
            answer, page = None, self._source.failed(request, again)
        rest = self._took_in(request, answer, page, began)
        if rest is not None:
            await rest

    def _gather(self) -> None:
        """Hand deferred items back to the source, which then asks for them together."""
        size = self._source.gather_size
        items, self.numbers.deferred = self.numbers.deferred[:size], self.numbers.deferred[size:]
        before, self.numbers.gathered = self.numbers.gathered, self.numbers.gathered + len(items)
        if self._source.gather is not None:
            self._absorb(self._source.gather(items, before), self._clock.now())

    def _absorb(self, page: Page, fetched_at: datetime, done: Request | None = None) -> None:
        """All or nothing, in one step; `done` is the request that the page answers."""
        if unknown := page.records.keys() - self._tables:
            raise KeyError(*unknown)
        for name, records in page.records.items():
            self._staging.append(name, records, fetched_at)
        if page.quarantined:
            for name, kept_out in page.quarantined.items():
                self._staging.quarantine(name, kept_out, fetched_at)
        if page.requests:
            self._pending.add(page.requests)
            self.numbers.pages += 1
        if done is not None:
            self._pending.done(done)
        self.numbers.note(page)
        if page.deferred:
            self.numbers.deferred.extend(page.deferred)
            while len(self.numbers.deferred) >= self._source.gather_size:
                self._gather()
        for failure in page.failures:
            self.numbers.fail(failure)
