"""The workers that do the jobs of all batches of one fetcher."""

import asyncio
from abc import abstractmethod
from collections import deque
from typing import Protocol

from adapters.http.fetch_counters import FetchCounters

type Worker = asyncio.Task[None]

_AT_ONCE = 16
"""Workers that begin at once for a batch; of a fast upstream they soon have all answers."""

_LOOK_AGAIN = 0.003
"""Seconds until more begin, if there is room."""


class Jobs(Protocol):
    """A batch of jobs, whose results somebody waits for."""

    @property
    @abstractmethod
    def wanted(self) -> int:
        """How many workers more it has work for now; 0 while too many results wait."""

    @abstractmethod
    async def work(self, worker: Worker) -> None:
        """Do one job after another, until there is none for this worker; raises nothing of theirs.

        May be cancelled in the middle of a job.
        """


class WorkerRoom:
    """Workers go from batch to batch, each in turn, and end when there is no job for them.

    There are no more of them than can have a request in flight; those that wait for a host do not
    count. A job that has begun and waits for its turn costs memory that the collector of garbage
    visits again and again; one that has not costs nothing.

    Args:
        concurrency: most requests in flight.
        counters: know how many requests wait for their turn.
    """

    def __init__(self, concurrency: int, counters: FetchCounters) -> None:
        self._concurrency = concurrency
        self._counters = counters
        self._workers: set[Worker] = set()
        self._batches: set[Jobs] = set()
        self._turns: deque[Jobs] = deque()  # of batches that have jobs left
        self._timer: asyncio.TimerHandle | None = None

    @property
    def workers(self) -> int:
        """How many there are."""
        return len(self._workers)

    def enter(self, batch: Jobs) -> None:
        """Soon begin to work on a batch."""
        self._batches.add(batch)
        self._turns.append(batch)
        self.look_at(batch)

    def look_at(self, batch: Jobs) -> None:
        """A batch has work again; one worker at least begins with it."""
        asyncio.get_running_loop().call_soon(self._begin_with, batch)

    def dismiss(self, batch: Jobs) -> None:
        """Begin no more of its jobs."""
        if batch in self._turns:
            self._turns.remove(batch)

    def leave(self, batch: Jobs) -> set[Worker]:
        """A batch is over; the workers that are left without any, to be cancelled."""
        self.dismiss(batch)
        self._batches.discard(batch)
        if self._batches:
            return set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return set(self._workers)

    def _begin_with(self, batch: Jobs) -> None:
        if batch in self._batches:
            self._begin(min(batch.wanted, max(1, min(self._free, _AT_ONCE))))

    def _look_again(self) -> None:
        self._timer = None
        self._begin(min(self._wanted, max(0, self._free)))

    def _begin(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            worker = loop.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        if self._timer is None and self._turns:
            self._timer = loop.call_later(_LOOK_AGAIN, self._look_again)

    @property
    def _free(self) -> int:
        """How many more could have a request in flight; negative: there are too many."""
        return self._concurrency - len(self._workers) + self._counters.waiting

    @property
    def _wanted(self) -> int:
        return sum(batch.wanted for batch in self._turns)

    def _next(self) -> Jobs | None:
        """A batch that has work for one who looks for some."""
        if self._free < 0 and len(self._workers) > 1:
            return None
        turns = self._turns
        for _ in range(len(turns)):
            batch = turns[0]
            turns.rotate(-1)
            if batch.wanted:
                return batch
        return None

    async def _work(self) -> None:
        worker = asyncio.current_task()
        while worker is not None and (batch := self._next()) is not None:
            await batch.work(worker)
