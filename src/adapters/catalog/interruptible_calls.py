"""Lets signals through while a library computes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

_LOOK_UP = 0.2  # seconds; a signal that another thread received does not end a wait
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

    def call[T](self, work: Callable[[], T]) -> T:
        """The result of `work`; an exception in the waiting caller ends the work first."""
        future = self._thread.submit(work)
        try:
            while not future.done():
                wait([future], _LOOK_UP)
            return future.result()
        finally:
            while not future.done():
                self._interrupt()
                wait([future], _AGAIN)

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown()
