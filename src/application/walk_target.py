"""Walks a target: fetch, parse, check, stage, until nothing is left to ask."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

import structlog

from application.frontier import Frontier
from application.ports.clock import Clock
from application.ports.dataset_writer import Staging
from application.ports.fetcher import BatchFetcher, Fetched
from domain.errors import (
    FetchError,
    ParseError,
    PipelineError,
    RunFailedError,
    UpstreamDownError,
)
from domain.expectations import RecordChecker
from domain.requests import CacheMode, CachePolicy, Request, Trust
from domain.sources import Failure, Page, Source

BATCH = 64
LANES = 4
_log = structlog.get_logger()


class WalkTarget:
    """One walk; its public numbers may be read while it goes on.

    Attributes:
        items: items completed; total: items in all as the upstream says, None while unknown.
        pages: answers that led to further requests.
        failures: reasons, with the number of items each left incomplete.
        notes: what the source wants said in the summary.
    """

    def __init__(
        self,
        source: Source,
        fetcher: BatchFetcher,
        staging: Staging,
        *,
        clock: Clock,
        max_errors: int | None,
        advanced: Callable[["WalkTarget"], None],
    ) -> None:
        self._source = source
        self._fetcher = fetcher
        self._staging = staging
        self._clock = clock
        self._max_errors = max_errors
        self._advanced = advanced
        self._checkers = {
            table.name: RecordChecker(table, source.expectations) for table in source.tables
        }
        self._frontier = Frontier(low_water=BATCH * LANES)
        self._in_flight = 0
        self._changed = asyncio.Condition()
        self.items = 0
        self.total: int | None = None
        self.pages = 0
        self.failures: Counter[str] = Counter()
        self.notes: list[str] = []

    async def run(self, requests: Sequence[Request]) -> None:
        """Walk from the first requests to the end.

        Raises:
            PipelineError: the first one that the source does not absorb; staged rows are void.
        """
        self._frontier.add(requests)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(LANES):
                    group.create_task(self._lane())
        except* PipelineError as errors:
            raise _first(errors) from errors

    async def _lane(self) -> None:
        while batch := await self._next_batch():
            async with aclosing(self._fetcher.fetch_many(batch)) as outcomes:
                async for fetched in outcomes:
                    await self._absorb(*await self._read(fetched))
            await self._settle(len(batch))

    async def _next_batch(self) -> list[Request]:
        """What to ask next; waits while others may still add to it; empty at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._frontier) or not self._in_flight)
            batch = self._frontier.take(BATCH)
            self._in_flight += len(batch)
            return batch

    async def _settle(self, count: int) -> None:
        async with self._changed:
            self._in_flight -= count
            self._changed.notify_all()

    async def _read(self, fetched: Fetched) -> tuple[Page, datetime]:
        request, outcome = fetched.request, fetched.outcome
        if isinstance(outcome, FetchError):
            if isinstance(outcome, UpstreamDownError) and request.trust is Trust.SOURCE:
                raise outcome  # all that is left to ask would fail alike
            return self._source.failed(request, outcome), self._clock.now()
        try:
            return self._source.parse(request, outcome), outcome.fetched_at
        except ParseError as error:
            if request.trust is not Trust.SOURCE:
                return self._source.failed(request, error), outcome.fetched_at
            _log.info("page.unreadable", kind=request.kind, url=request.url, reason=str(error))
            return await self._read_again(request)

    async def _read_again(self, request: Request) -> tuple[Page, datetime]:
        """Ask once more past the cache: upstreams cut answers off and send 200."""
        try:
            fresh = replace(request, cache=CachePolicy(CacheMode.OFF))
            response = await self._fetcher.fetch(fresh)
            return self._source.parse(request, response), response.fetched_at
        except (FetchError, ParseError) as error:
            return self._source.failed(request, error), self._clock.now()

    async def _absorb(self, page: Page, fetched_at: datetime) -> None:
        for name, records in page.records.items():
            checked = self._checkers[name].check(records)
            await self._staging.append(name, checked.good, fetched_at)
            if checked.quarantined:
                await self._staging.quarantine(name, checked.quarantined, fetched_at)
        self._note(page)
        if page.requests:
            self.pages += 1
            async with self._changed:
                self._frontier.add(page.requests)
                self._changed.notify_all()
        self._advanced(self)

    def _note(self, page: Page) -> None:
        self.items += page.items
        self.total = page.total if page.total is not None else self.total
        self.notes.extend(page.notes)
        for failure in page.failures:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self.failures[failure.reason] += 1
        _log.warning("item.failed", item=failure.item, reason=failure.reason)
        if self._max_errors is not None and self.failures.total() > self._max_errors:
            message = (
                f"More than {self._max_errors} items failed (--max-errors); "
                f"the last one: {failure.item}: {failure.reason}."
            )
            raise RunFailedError(message)


def _first(group: BaseExceptionGroup[PipelineError]) -> PipelineError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, PipelineError):
        raise error
    return error
