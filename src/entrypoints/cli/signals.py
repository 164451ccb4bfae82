"""SIGINT and SIGTERM end a command cleanly; a second one ends it at once."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BASE = 128  # what a shell adds to the number of a signal


class Stopped(BaseException):
    """Somebody wants the command to end. Not an Exception: nothing may swallow it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.exit_code = _BASE + number
        super().__init__(signal.Signals(number).name)


class StopSignals:
    """Watches for signals while a command runs.

    Attributes:
        received: the first signal, also where a library turned the exception into its own.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._cancel: Callable[[], object] | None = None

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Raises Stopped in the main thread when a signal arrives within the context."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._arrived) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run[T](self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine to its end; a signal cancels it and becomes Stopped.

        Cancelling lets the coroutine put things in order before the exception is raised.
        """
        import asyncio

        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            loop = runner.get_loop()
            task = loop.create_task(work())
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                if self.received is None:
                    raise
                raise Stopped(self.received) from None
            finally:
                self._cancel = None

    def _arrived(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.received = number
        if self._cancel is None:
            raise Stopped(number)
        self._cancel()


def _loop_factory() -> Any:
    """The faster loop where there is one; None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
