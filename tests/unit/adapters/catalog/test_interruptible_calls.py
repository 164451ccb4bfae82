"""A waiting caller can always be reached, and the work under way ends with it."""

import signal
import threading
from contextlib import closing
from types import FrameType

import pytest

from adapters.catalog.interruptible_calls import InterruptibleCalls


def test_results_and_errors_come_through() -> None:
    """As if the work had been called directly."""
    with closing(InterruptibleCalls(lambda: None)) as calls:
        assert calls.call(lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            calls.call(lambda: 1 // 0)


def test_a_signal_ends_the_work() -> None:
    """The handler's exception reaches the caller, after the library was told to stop."""
    told, begun = threading.Event(), threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def work() -> None:
        begun.set()
        told.wait(30)

    def send() -> None:
        begun.wait(30)
        signal.raise_signal(signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, stop)
    sender = threading.Thread(target=send)
    try:
        sender.start()
        with closing(InterruptibleCalls(told.set)) as calls, pytest.raises(KeyboardInterrupt):
            calls.call(work)
    finally:
        sender.join()
        signal.signal(signal.SIGUSR1, before)

    assert told.is_set()
