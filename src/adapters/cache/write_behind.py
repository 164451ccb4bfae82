"""Writes of one tick of the event loop, sent as one batch."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from domain.http_caching.stored_response import StoredResponse

type Variants = Mapping[str, StoredResponse]

_MOST_ENTRIES = 256
_MOST_BYTES = 1024 * 1024


class WriteBehind:
    """Holds at most two batches: one that gathers, and one that is being written.

    Args:
        write: stores a batch, variants by `vary_key` by key; raises nothing.
    """

    def __init__(self, write: Callable[[Mapping[str, Variants]], Awaitable[None]]) -> None:
        self._write = write
        self._gathered: dict[str, dict[str, StoredResponse]] = {}
        self._bytes = 0
        self._sent: Mapping[str, Variants] = {}
        self._room = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, key: str, response: StoredResponse) -> None:
        """Gather the entry; waits while an earlier batch is being written and this one is full."""
        while len(self._gathered) >= _MOST_ENTRIES or self._bytes >= _MOST_BYTES:
            await self._room.wait()
        self._gathered.setdefault(key, {})[response.vary_key] = response
        self._bytes += len(response.body)
        self._room.clear()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_gathered())

    def holds(self, keys: Iterable[str]) -> bool:
        """One of the keys has an entry that is not written yet."""
        if self._writing is None:
            return False
        return any(key in self._gathered or key in self._sent for key in keys)

    async def drained(self) -> None:
        """Everything added so far is written, or lost with a store that does not answer."""
        while self._writing is not None:
            await asyncio.shield(self._writing)

    async def _write_gathered(self) -> None:
        try:
            while self._gathered:
                self._sent, self._gathered = self._gathered, {}
                self._bytes = 0
                self._room.set()
                await self._write(self._sent)
        finally:
            self._sent = {}
            self._writing = None
