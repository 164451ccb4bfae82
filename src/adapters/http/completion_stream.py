"""Many jobs, a few at a time, their results as they complete."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from adapters.http.worker_room import Jobs, Worker, WorkerRoom


class CompletionStream[J, R](Jobs):
    """Has jobs done in the background of a context; leaving it cancels and awaits what is left.

    A generator must not yield inside a TaskGroup, which would cancel the consumer's task at any
    of the consumer's own waits. The workers are therefore tasks of nobody's group. No more
    results wait for the consumer than there may be workers, and each of these holds one more.

    Args:
        run: does a job.
        jobs: to be done.
        concurrency: most jobs at once.
        crew: does them, and those of other batches beside them.

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
        self._most = min(concurrency, len(jobs))
        self.ready: deque[R] = deque()
        self._taken = 0
        self._working: set[Worker] = set()
        self._failure: BaseException | None = None
        self._is_over = False
        self._consumer: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        if self._most:
            self._crew.enter(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over = True
        left = self._crew.leave(self) | self._working
        for worker in left:
            worker.cancel()
        if left:
            await asyncio.wait(left)

    async def more(self) -> bool:
        """Wait until a result is `ready`; False when all have been taken.

        Raises the first failure of a job, once the results before it have been taken.
        """
        while not self.ready and (self._left or self._working):
            self._consumer = asyncio.get_running_loop().create_future()
            await self._consumer
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
        if self._left and len(self.ready) >= self._most:
            self._crew.look_at(self)
        return self.ready.popleft()

    # the crew's calls

    @property
    def wanted(self) -> int:
        """How many jobs may begin now."""
        if len(self.ready) >= self._most:
            return 0
        return min(self._left, self._most - len(self._working))

    async def work(self, worker: Worker) -> None:
        """Do jobs, while their results are wanted."""
        run, ready, most = self._run, self.ready, self._most
        self._working.add(worker)
        try:
            for job in self._waiting:
                self._left -= 1
                if not self._left:
                    self._crew.dismiss(self)
                ready.append(await run(job))
                if self._consumer is not None:
                    self._wake()
                if self._is_over or len(ready) >= most:
                    return
        except Exception as error:  # noqa: BLE001 - handed over to the consumer, whatever it is
            self._working.discard(worker)
            self._fail(error)
        finally:
            self._working.discard(worker)
            self._wake()

    def _fail(self, error: Exception) -> None:
        """The first failure ends all jobs."""
        if self._failure is None:
            self._failure = _first(error)
            self._left = 0
            self._is_over = True
            self._crew.dismiss(self)
            for each in self._working:
                each.cancel()

    def _wake(self) -> None:
        if self._consumer is not None and not self._consumer.done():
            self._consumer.set_result(None)
        self._consumer = None


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
