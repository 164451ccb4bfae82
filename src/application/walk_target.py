"""Walks a target: fetch, parse, check, stage, until nothing is left to ask."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from application.first_error import first_error
from application.page_gatherer import PageGatherer
from application.pending_requests import PendingRequests
from application.ports.clock import Clock
from application.ports.dataset_writer import Staging
from application.ports.fetcher import BatchFetcher, Fetched
from domain.checkpoint import WalkState
from domain.errors import (
    FetchError,
    NotCachedError,
    ParseError,
    PipelineError,
    RunFailedError,
    UpstreamDownError,
)
from domain.requests import CacheMode, CachePolicy, Origin, Request, Response, Trust
from domain.sources import EVER, Failure, Page, Source

BATCH = 128
LANES = 4
_MOST_MISSING = 20
_CACHED = (Origin.CACHE, Origin.STALE)
_log = structlog.get_logger()


class WalkTarget:
    """One walk; its public numbers may be read while it goes on.

    Taking in an answer is one step without a wait, so that whoever looks in between, a
    checkpoint above all, sees each request either pending or with all that it led to.

    Attributes:
        items: items completed; total: items in all as the upstream says, None while unknown.
        pages: answers that led to further requests.
        asked: answers that an upstream was asked for, in this attempt.
        failures: reasons, with the number of items each left incomplete.
        notes: what the source wants said in the summary, each once.
        tallies: what the source counts, by name.
        deferred: items that wait to be asked for together; gathered: how many were.
        complete_until: how far a time series is known for good.
        parsing: seconds spent reading answers; writing: seconds spent writing what became too
            much to hold, over all lanes.
        missing: offline, the addresses of the first answers that the cache does not have.

    Args:
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
        self._max_errors = max_errors
        self._gatherer = PageGatherer(fetcher.page_results, reading, clock)
        self._tables = {table.name for table in source.tables}
        self._pending = PendingRequests(low_water=BATCH * LANES)
        self.items = 0
        self.total: int | None = None
        self.pages = 0
        self.asked = 0
        self.failures: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self.tallies: Counter[str] = Counter()
        self.deferred: list[Any] = []
        self.gathered = 0
        self.complete_until: datetime | None = None
        self.parsing = self.writing = 0.0
        self.missing: list[str] = []

    def begin(self, requests: Sequence[Request]) -> None:
        """Stand at the first requests."""
        self._pending.add(requests)

    def restore(self, state: WalkState) -> None:
        """Stand where an earlier attempt stood."""
        self._pending.add(state.pending)
        self.items, self.total, self.pages = state.items, state.total, state.pages
        self.failures = Counter(state.failures)
        self.notes = dict.fromkeys(state.notes)
        self.tallies = Counter(state.tallies)
        self.deferred, self.gathered = list(state.deferred), state.gathered
        self.complete_until = state.complete_until

    def state(self) -> WalkState:
        """Where the walk stands, in one step."""
        return WalkState(
            pending=tuple(self._pending),
            items=self.items,
            total=self.total,
            pages=self.pages,
            failures=dict(self.failures),
            notes=tuple(self.notes),
            tallies=dict(self.tallies),
            deferred=tuple(self.deferred),
            gathered=self.gathered,
            complete_until=self.complete_until,
        )

    async def run(self, advanced: Callable[[], None]) -> None:
        """Walk to the end.

        Args:
            advanced: called after each answer.

        Raises:
            PipelineError: the first one that the source does not absorb.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(LANES):
                    group.create_task(self._lane(advanced))
        except* PipelineError as errors:
            raise first_error(errors) from errors

    async def _lane(self, advanced: Callable[[], None]) -> None:
        while batch := await self._pending.take(BATCH, self._gather_the_rest):
            async with aclosing(self._fetcher.fetch_many(batch)) as outcomes:
                async for fetched in outcomes:
                    await self._take_in(fetched)
                    advanced()
            await self._pending.tell()

    def _gather_the_rest(self) -> bool:
        """Hand back what is deferred, when nothing else is left; False: neither is that."""
        if not self.deferred:
            return False
        self._gather()
        return True

    async def _take_in(self, fetched: Fetched) -> None:
        request, outcome = fetched
        began = self._clock.monotonic()
        answer = None if isinstance(outcome, FetchError) else outcome
        try:
            page = self._read(request, outcome)
        except ParseError as error:
            self.parsing += self._clock.monotonic() - began
            page, answer = await self._read_again(request, error)
            began = self._clock.monotonic()
        self.asked += answer is None or answer.origin not in _CACHED
        fetched_at = answer.fetched_at if answer else self._clock.now()
        held = self._gatherer.behind(page) if request.expands else ()
        if held:
            page = self._hold(page, held)
        self._absorb(page, fetched_at, request)
        whole = self._gatherer.read(request, answer, page)
        await self._taken_in(began, leads_on=bool(page.requests))
        if held:
            await self._look_behind(request, held)
        if whole is not None:
            await self._gatherer.keep(whole)

    async def _taken_in(self, began: float, *, leads_on: bool) -> None:
        read = self._clock.monotonic()
        self.parsing += read - began
        await self._staging.drain()
        self.writing += self._clock.monotonic() - read
        if leads_on:
            await self._pending.tell()

    def _hold(self, page: Page, held: Sequence[Request]) -> Page:
        """The page without its items' requests, which wait until it is known what they led to."""
        self._pending.hold(held)
        following = [each for each in page.requests if each.expands]
        self.pages += not following
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
                for each in answers:
                    self._staging.append(table, each.records, each.fetched_at)
            self._pending.add(known.again)
            self._note(Page(items=known.items, notes=known.notes, tallies=known.tallies))
            for failure in known.failures:
                self._fail(failure)
        await self._taken_in(began, leads_on=True)

    def _read(self, request: Request, outcome: Response | FetchError) -> Page:
        """What an outcome says; ParseError where it is worth asking once more."""
        if isinstance(outcome, FetchError):
            if isinstance(outcome, UpstreamDownError) and request.trust is Trust.SOURCE:
                raise outcome  # all that is left to ask would fail alike
            if isinstance(outcome, NotCachedError) and len(self.missing) < _MOST_MISSING:
                self.missing.append(outcome.url)
            return self._source.failed(request, outcome)
        try:
            return self._source.parse(request, outcome)
        except ParseError as error:
            if request.trust is Trust.SOURCE:
                raise
            return self._source.failed(request, error)

    async def _read_again(
        self, request: Request, error: ParseError
    ) -> tuple[Page, Response | None]:
        """Ask once more past the cache: upstreams cut answers off and send 200."""
        _log.info("page.unreadable", kind=request.kind, url=request.url, reason=str(error))
        try:
            fresh = replace(request, cache=CachePolicy(CacheMode.OFF))
            response = await self._fetcher.fetch(fresh)
            return self._source.parse(request, response), response
        except (FetchError, ParseError) as again:
            return self._source.failed(request, again), None

    def _gather(self) -> None:
        """Hand deferred items back to the source, which then asks for them together."""
        size = self._source.gather_size
        items, self.deferred = self.deferred[:size], self.deferred[size:]
        before, self.gathered = self.gathered, self.gathered + len(items)
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
            self.pages += 1
        if done is not None:
            self._pending.done(done)
        self._note(page)
        if page.deferred:
            self.deferred.extend(page.deferred)
            while len(self.deferred) >= self._source.gather_size:
                self._gather()
        for failure in page.failures:
            self._fail(failure)

    def _note(self, page: Page) -> None:
        self.items += page.items
        if page.notes:
            self.notes.update(dict.fromkeys(page.notes))
        for name, count in page.tallies.items():
            self.tallies[name] += count
        if page.total is not None:
            self.total = page.total
        if page.complete_until is not None:
            self.complete_until = max(page.complete_until, self.complete_until or EVER)

    def _fail(self, failure: Failure) -> None:
        self.failures[failure.reason] += 1
        _log.warning("item.failed", item=failure.item, reason=failure.reason)
        if self._max_errors is not None and self.failures.total() > self._max_errors:
            message = (
                f"More than {self._max_errors} items failed (--max-errors); "
                f"the last one: {failure.item}: {failure.reason}."
            )
            raise RunFailedError(message)
