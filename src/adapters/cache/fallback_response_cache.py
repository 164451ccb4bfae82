"""Redis where it answers, the embedded store where it does not."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from application.ports.response_cache import CacheUsage, PurgeFilter, ResponseCache
from domain.http_caching.stored_response import StoredResponse

_log = structlog.get_logger()


class RemoteResponseCache(ResponseCache, Protocol):
    """A store that may not be there."""

    @abstractmethod
    async def answers(self) -> bool:
        """It is there; decided within half a second."""


class FallbackResponseCache(ResponseCache):
    """Decides on first use, once, with one warning; a store lost later is its own misses.

    Args:
        primary: asked first whether it answers.
        embedded: makes the store that takes its place; called only when it is needed.
    """

    def __init__(self, primary: RemoteResponseCache, embedded: Callable[[], ResponseCache]) -> None:
        self._primary = primary
        self._embedded = embedded
        self._chosen: ResponseCache | None = None
        self._choosing = asyncio.Lock()

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """From the chosen store."""
        return await (await self._store()).get_many(keys)

    async def put(self, key: str, response: StoredResponse, *, alone: bool = False) -> None:
        """Into the chosen store."""
        await (await self._store()).put(key, response, alone=alone)

    async def forget(self, keys: Sequence[str]) -> None:
        """In the chosen store."""
        await (await self._store()).forget(keys)

    async def usage(self) -> CacheUsage:
        """Of the chosen store."""
        return await (await self._store()).usage()

    async def count(self, which: PurgeFilter) -> int:
        """In the chosen store."""
        return await (await self._store()).count(which)

    async def purge(self, which: PurgeFilter) -> int:
        """In the chosen store."""
        return await (await self._store()).purge(which)

    async def close(self) -> None:
        """Close whatever was opened; nothing is opened any more."""
        async with self._choosing:
            chosen = self._chosen = self._chosen or self._primary
        if chosen is not self._primary:
            await chosen.close()
        await self._primary.close()

    async def _store(self) -> ResponseCache:
        if self._chosen is None:
            async with self._choosing:
                if self._chosen is None:
                    self._chosen = await self._choose()
        return self._chosen

    async def _choose(self) -> ResponseCache:
        if await self._primary.answers():
            return self._primary
        _log.warning("cache.redis_unavailable", instead="the embedded store")
        return self._embedded()
