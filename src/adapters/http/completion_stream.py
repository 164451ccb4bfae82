"""Many jobs, a few at a time, their results as they complete."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class _Result[T]:
    value: T


@dataclass(frozen=True, slots=True)
class _End:
    failure: Exception | None


class CompletionStream[J, R]:
    """Runs jobs in the background of a context; leaving it cancels and awaits what is left.

    A generator must not yield inside a TaskGroup, which would cancel the consumer's task at any
    of the consumer's own waits. The group therefore lives in a task of its own and talks through
    a bounded queue.
    """

    def __init__(
        self, run: Callable[[J], Awaitable[R]], jobs: Sequence[J], concurrency: int
    ) -> None:
        self._run = run
        self._count = len(jobs)
        self._waiting = iter(jobs)
        self._workers = min(concurrency, len(jobs))
        self._queue: asyncio.Queue[_Result[R] | _End] = asyncio.Queue(max(1, self._workers))
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
        while self._supervisor is not None:
            item = await self._queue.get()
            if isinstance(item, _Result):
                delivered += 1
                yield item.value
            elif item.failure is not None:
                raise item.failure
            else:
                break
        if delivered < self._count:
            message = f"{self._count - delivered} jobs ended without a result"
            raise RuntimeError(message)

    async def _supervise(self) -> None:
        failure: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._work())
        except* Exception as errors:  # noqa: BLE001 - handed over to the consumer, whatever it is
            failure = _first(errors)
        await self._queue.put(_End(failure))

    async def _work(self) -> None:
        for job in self._waiting:
            await self._queue.put(_Result(await self._run(job)))


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: Exception | BaseExceptionGroup[Exception] = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
