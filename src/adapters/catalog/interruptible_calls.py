"""Lets signals through while a library computes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count

_LOOK_UP = 0.2  # seconds; a signal that another thread received does not end a wait
_UNSURE = 20  # interrupts for work that perhaps never began
_AGAIN = 0.05  # seconds; an interrupt that comes before the work has begun is lost


class InterruptibleCalls:
    """Runs blocking calls one at a time in a thread of its own.

    DuckDB looks for signals only between its own steps, and Python's handlers run in the main
    thread alone: while the caller merely waits, Ctrl-C reaches it at once.

    Args:
        interrupt: ends the call under way; safe from another thread.
    """

    def __init__(self, interrupt: Callable[[], object]) -> None:
        self._interrupt = interrupt
        self._thread = ThreadPoolExecutor(1, "interruptible")
        self._idle = threading.Event()

    def call[T](self, work: Callable[[], T]) -> T:
        """The result of `work`; an exception in the waiting caller ends the work first."""
        self._idle.clear()
        future: Future[T] | None = None
        try:
            future = self._thread.submit(self._run, work)
            while not future.done():
                wait([future], _LOOK_UP)
            return future.result()
        finally:
            # A signal inside `submit` leaves it open whether the work was handed over at all.
            tries = count() if future is not None else range(_UNSURE)
            for _ in tries:
                if self._idle.wait(0):
                    break
                self._interrupt()
                self._idle.wait(_AGAIN)

    def _run[T](self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            self._idle.set()

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown()
