"""A fetcher that answers from a table."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from application.ports.fetcher import BatchFetcher, Fetched
from application.ports.fetchers import Fetchers, FetchOptions
from application.ports.page_results import PageResults
from domain.errors import ConfigurationError, FetchError, PermanentError, RefusedError
from domain.requests import Request, Response
from domain.runs import FetchStatistics
from domain.sources import Source

type Answer = Response | FetchError | ConfigurationError
type Answers = Mapping[str, Answer] | Callable[[Request], Answer]


class FakeFetcher(BatchFetcher):
    """Answers each URL as told; counts what was asked; unknown URLs are a 404."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: Counter[str] = Counter()
        self.most_in_flight = 0
        self._in_flight = 0
        self._page_results: PageResults | None = None
        self.hang_at: str | None = None
        self.hanging = asyncio.Event()

    async def fetch(self, request: Request) -> Response:
        self.asked[request.url] += 1
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            if request.url == self.hang_at:
                self.hanging.set()
                await asyncio.Event().wait()
            await asyncio.sleep(0)
        finally:
            self._in_flight -= 1
        answer = (
            self.answers(request)
            if callable(self.answers)
            else self.answers.get(
                request.url, PermanentError("not found", url=request.url, status=404)
            )
        )
        if isinstance(answer, Response):
            return answer
        raise answer

    async def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        for request in requests:
            try:
                yield Fetched(request, await self.fetch(request))
            except RefusedError:
                raise
            except FetchError as error:
                yield Fetched(request, error)

    @property
    def page_results(self) -> PageResults | None:
        return self._page_results

    @page_results.setter
    def page_results(self, results: PageResults | None) -> None:
        self._page_results = results

    def statistics(self) -> FetchStatistics:
        return FetchStatistics(requests=self.asked.total())


class FakeFetchers(Fetchers):
    """Always opens the same fetcher; remembers with which options."""

    def __init__(self, fetcher: FakeFetcher) -> None:
        self.fetcher = fetcher
        self.opened: list[FetchOptions] = []
        self.closed = 0

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[BatchFetcher]:
        try:
            yield self.fetcher
        finally:
            self.closed += 1

    def open(
        self, source: Source, options: FetchOptions
    ) -> AbstractAsyncContextManager[BatchFetcher]:
        self.opened.append(options)
        return self._open()
