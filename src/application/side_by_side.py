"""Fetchers for many runs at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from application.ports.fetcher import BatchFetcher
from application.ports.fetchers import Fetchers, FetchOptions
from domain.sources import Source


class SideBySide(Fetchers):
    """Lets so many runs fetch at once; the others wait, and hold nothing in memory."""

    def __init__(self, fetchers: Fetchers, most: int) -> None:
        self._fetchers = fetchers
        self._places = asyncio.Semaphore(most)

    def open(
        self, source: Source, options: FetchOptions
    ) -> AbstractAsyncContextManager[BatchFetcher]:
        """A fetcher for one run, when its turn has come."""
        return self._open(source, options)

    @asynccontextmanager
    async def _open(self, source: Source, options: FetchOptions) -> AsyncGenerator[BatchFetcher]:
        async with self._places, self._fetchers.open(source, options) as fetcher:
            yield fetcher
