"""Total deadlines of many exchanges, by one timer of the loop."""

import asyncio
from math import inf
from types import TracebackType
from typing import Self


class TotalDeadlines:
    """What `asyncio.timeout` does, for many blocks at a time.

    A timer of the loop for each exchange costs more than what it guards. Here one timer goes off
    when the earliest deadline may have passed; as a rule the exchange that it was set for is
    long over.
    """

    def __init__(self) -> None:
        self._running: set[TotalDeadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = inf

    def within(self, seconds: float) -> "TotalDeadline":
        """A block that is cancelled after so many seconds, and then raises TimeoutError."""
        return TotalDeadline(self, seconds)

    def begin(self, deadline: "TotalDeadline") -> None:
        """Watch a block."""
        self._running.add(deadline)
        if deadline.ends < self._looks_at:
            self._set(deadline)

    def end(self, deadline: "TotalDeadline") -> None:
        """Watch it no more; the last one leaves no timer behind."""
        self._running.discard(deadline)
        if not self._running and self._timer is not None:
            self._looks_at = inf
            self._timer.cancel()
            self._timer = None

    def _set(self, earliest: "TotalDeadline") -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at = earliest.ends
        self._timer = earliest.loop.call_at(earliest.ends, self._look)

    def _look(self) -> None:
        self._timer = None
        self._looks_at = inf
        for each in list(self._running):
            if each.ends <= each.loop.time():
                self._running.discard(each)
                each.expire()
        if self._running:
            self._set(min(self._running, key=lambda each: each.ends))


class TotalDeadline:
    """One block; `ends` by the clock of the loop."""

    __slots__ = ("_all", "_cancelling", "_expired", "_seconds", "_task", "ends", "loop")

    def __init__(self, deadlines: TotalDeadlines, seconds: float) -> None:
        self._all = deadlines
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            message = "a deadline is that of a task"
            raise RuntimeError(message)
        self._task = task
        self._cancelling = task.cancelling()
        self.loop = task.get_loop()
        self.ends = self.loop.time() + self._seconds
        self._all.begin(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raises TimeoutError: the time was over, and nobody else cancelled the task."""
        if not self._expired:
            self._all.end(self)
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """The time is over."""
        self._expired = True
        self._task.cancel()
