"""Look-ups of one tick of the event loop, made as one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from domain.http_caching.stored_response import StoredResponse

type Found = Mapping[str, Sequence[StoredResponse]]

_SHARED_UP_TO = 16


class TickReads:
    """Gathers the keys that many tasks ask for in one tick, and asks for all of them at once.

    Args:
        read: looks up any number of keys; raises nothing.
    """

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Found]]) -> None:
        self._read = read
        self._keys: dict[str, None] = {}
        self._reading: asyncio.Task[Found] | None = None
        self._running: set[asyncio.Task[Found]] = set()

    async def get(self, keys: Sequence[str]) -> Found:
        """What is found of the keys; a large batch goes alone."""
        if len(keys) > _SHARED_UP_TO:
            return await self._read(keys)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_gathered())
            self._running.add(self._reading)
            self._reading.add_done_callback(self._running.discard)
        self._keys.update(dict.fromkeys(keys))
        found = await asyncio.shield(self._reading)
        return {key: found[key] for key in keys if key in found}

    async def close(self) -> None:
        """Wait for reads that callers have left behind."""
        while self._running:
            await asyncio.wait(self._running)

    async def _read_gathered(self) -> Found:
        keys, self._keys = list(self._keys), {}
        self._reading = None
        return await self._read(keys)
