"""Many jobs, a few at a time, their results as they complete."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

_AT_ONCE = 16
"""Workers that begin at once; of a fast upstream they soon have all answers."""

_LOOK_AGAIN = 0.003
"""Seconds until more begin, if there is room."""


class CompletionStream[J, R]:
    """Runs jobs in the background of a context; leaving it cancels and awaits what is left.

    A generator must not yield inside a TaskGroup, which would cancel the consumer's task at any
    of the consumer's own waits. The group therefore lives in a task of its own. No more results
    wait for the consumer than there are workers.

    Args:
        run: does a job.
        jobs: to be done.
        concurrency: most workers.
        room: how many jobs more could be under way now. A job that has begun and waits for its
            turn costs memory that the collector of garbage visits again and again; one that has
            not costs nothing. None: as many as there are workers.
    """

    def __init__(
        self,
        run: Callable[[J], Awaitable[R]],
        jobs: Sequence[J],
        concurrency: int,
        room: Callable[[], int] | None = None,
    ) -> None:
        self._run = run
        self._room_now = room
        self._count = self._left = len(jobs)
        self._waiting = iter(jobs)
        self._workers = min(concurrency, len(jobs))
        self._ready: deque[R] = deque()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._failure: Exception | None = None
        self._ended = not self._workers
        self._supervisor: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._workers:
            self._supervisor = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait((self._supervisor,))

    async def results(self) -> AsyncGenerator[R]:
        """Each result once, in the order of completion; the first failure of a job is raised."""
        delivered = 0
        while self._ready or not (self._ended or delivered == self._count):
            while self._ready:
                delivered += 1
                self._room.set()
                yield self._ready.popleft()
            if not self._ended and delivered < self._count:
                self._changed.clear()
                await self._changed.wait()
        if self._failure is not None:
            raise self._failure
        if delivered < self._count:
            message = f"{self._count - delivered} jobs ended without a result"
            raise RuntimeError(message)

    async def _supervise(self) -> None:
        working = 0
        try:
            async with asyncio.TaskGroup() as group:
                while self._left and working < self._workers:
                    if working:
                        await asyncio.sleep(_LOOK_AGAIN)
                    for _ in range(self._more(working)):
                        group.create_task(self._work())
                        working += 1
        except* Exception as errors:  # noqa: BLE001 - handed over to the consumer, whatever it is
            self._failure = _first(errors)
        self._ended = True
        self._changed.set()

    def _more(self, working: int) -> int:
        """How many workers are to join those that work."""
        most = min(self._workers - working, self._left)
        if self._room_now is None:
            return most
        return min(most, self._room_now() if working else _AT_ONCE)

    async def _work(self) -> None:
        for job in self._waiting:
            self._left -= 1
            result = await self._run(job)
            while len(self._ready) >= self._workers:
                self._room.clear()
                await self._room.wait()
            self._ready.append(result)
            self._changed.set()


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: Exception | BaseExceptionGroup[Exception] = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
