"""Stale answers brought up to date while they are in use."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

import structlog

from domain.errors import PipelineError

MOST_AT_ONCE = 64
_log = structlog.get_logger()


class BackgroundRefreshes:
    """Tasks that nobody waits for until the end; at most one a key, and MOST_AT_ONCE in all.

    One that fails is logged: the answer stays stale, and whoever needs a fresh one is told.
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    def start(self, key: Hashable, refresh: Callable[[], Awaitable[object]]) -> bool:
        """Begin, unless it is under way or there are too many; whether it was begun."""
        if key in self._tasks or len(self._tasks) >= MOST_AT_ONCE:
            return False
        task = asyncio.create_task(_refreshed(refresh))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))
        return True

    async def close(self, seconds: float) -> None:
        """Wait for all of them, but no longer than this; what is left then is cancelled."""
        tasks = list(self._tasks.values())
        if not tasks:
            return
        try:
            _, late = await asyncio.wait(tasks, timeout=seconds)
        except asyncio.CancelledError:
            await _cancel(tasks)
            raise
        if late:
            _log.warning("cache.refreshes_abandoned", requests=len(late), seconds=seconds)
            await _cancel(list(late))


async def _refreshed(refresh: Callable[[], Awaitable[object]]) -> None:
    try:
        await refresh()
    except PipelineError as error:
        _log.warning("cache.refresh_failed", reason=str(error))
    except Exception:  # noqa: BLE001 - nobody awaits the task, so the log has to tell
        _log.exception("cache.refresh_failed")


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
