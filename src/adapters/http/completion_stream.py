"""Many jobs, a few at a time, their results as they complete."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from adapters.http.worker_room import WorkerRoom

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
        crew: knows how many workers more there should be now. A job that has begun and waits for
            its turn costs memory that the collector of garbage visits again and again; one that
            has not costs nothing.

    Attributes:
        ready: results that nobody has taken, in the order of completion.
    """

    def __init__(
        self,
        run: Callable[[J], Awaitable[R]],
        jobs: Sequence[J],
        concurrency: int,
        crew: WorkerRoom,
    ) -> None:
        self._run = run
        self._crew = crew
        self._count = self._left = len(jobs)
        self._waiting = iter(jobs)
        self._workers = min(concurrency, len(jobs))
        self.ready: deque[R] = deque()
        self._taken = self._working = 0
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

    async def more(self) -> bool:
        """Wait until a result is `ready`; False when all have been taken.

        Raises the first failure of a job, once the results before it have been taken.
        """
        while not self.ready and not self._ended and self._taken < self._count:
            self._changed.clear()
            await self._changed.wait()
        if self.ready:
            return True
        if self._failure is not None:
            raise self._failure
        if self._taken < self._count:
            message = f"{self._count - self._taken} jobs ended without a result"
            raise RuntimeError(message)
        return False

    def take(self) -> R:
        """The result that has been ready longest."""
        self._taken += 1
        self._room.set()
        return self.ready.popleft()

    async def _supervise(self) -> None:
        working = 0
        try:
            async with asyncio.TaskGroup() as group:
                while self._left and working < self._workers:
                    if working:
                        await asyncio.sleep(_LOOK_AGAIN)
                    more = self._more(working)
                    working += more
                    self._working += more
                    self._crew.workers += more
                    for _ in range(more):
                        group.create_task(self._work())
        except* Exception as errors:  # noqa: BLE001 - handed over to the consumer, whatever it is
            self._failure = _first(errors)
        finally:
            self._crew.workers -= self._working  # that were cancelled before they began
        self._ended = True
        self._changed.set()

    def _more(self, working: int) -> int:
        """How many workers are to join those that work."""
        most = min(self._workers - working, self._left)
        free = self._crew.free
        return min(most, free) if working else min(most, max(1, min(free, _AT_ONCE)))

    async def _work(self) -> None:
        try:
            for job in self._waiting:
                self._left -= 1
                result = await self._run(job)
                while len(self.ready) >= self._workers:
                    self._room.clear()
                    await self._room.wait()
                self.ready.append(result)
                self._changed.set()
        finally:
            self._working -= 1
            self._crew.workers -= 1


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: Exception | BaseExceptionGroup[Exception] = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
