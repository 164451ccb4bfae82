"""Requests side by side."""

import threading

import pytest

from adapters.storage.s3.in_parallel import in_parallel


def test_results_come_in_order() -> None:
    """However many there are."""
    for count in (0, 1, 2, 50):
        assert in_parallel(lambda each: each * 2, range(count)) == [n * 2 for n in range(count)]


def test_they_really_run_side_by_side() -> None:
    """Eight at a time."""
    barrier = threading.Barrier(8)

    assert len(in_parallel(lambda _: barrier.wait(10), range(8))) == 8


def test_the_first_error_is_raised() -> None:
    """Once what is under way has ended."""
    ended: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            message = "three"
            raise ValueError(message)
        ended.append(number)

    with pytest.raises(ValueError, match="three"):
        in_parallel(work, range(8))
    assert {0, 1, 2} <= set(ended)


def test_what_is_under_way_is_told_to_stop() -> None:
    """It would go on for long."""
    stop = threading.Event()

    def work(number: int) -> None:
        if number == 0:
            message = "zero"
            raise ValueError(message)
        assert stop.wait(30)

    with pytest.raises(ValueError, match="zero"):
        in_parallel(work, range(100), stop)
