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

    Attributes:
        running: blocks that are watched.
        looks_at: when the timer goes off, by the clock of the loop; infinite without one.
    """

    def __init__(self) -> None:
        self.running: set[TotalDeadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.looks_at = inf

    def within(self, seconds: float) -> "TotalDeadline":
        """A block that is cancelled after so many seconds, and then raises TimeoutError."""
        return TotalDeadline(self, seconds)

    def look_at(self, earliest: "TotalDeadline") -> None:
        """Let the timer go off at this one's end."""
        if self._timer is not None:
            self._timer.cancel()
        self.looks_at = earliest.ends
        self._timer = earliest.loop.call_at(earliest.ends, self._look)

    def rest(self) -> None:
        """Leave no timer behind."""
        self.looks_at = inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        self.looks_at = inf
        for each in list(self.running):
            if each.ends <= each.loop.time():
                self.running.discard(each)
                each.expire()
        if self.running:
            self.look_at(min(self.running, key=lambda each: each.ends))


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
        deadlines = self._all
        deadlines.running.add(self)
        if self.ends < deadlines.looks_at:
            deadlines.look_at(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raises TimeoutError: the time was over, and nobody else cancelled the task."""
        if not self._expired:
            running = self._all.running
            running.discard(self)
            if not running:
                self._all.rest()
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """The time is over."""
        self._expired = True
        self._task.cancel()
