"""Where time went adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time_spent import CACHE, LIMITS, NETWORK, PARTS, SharedTime, apportioned, fetching_parts

_seconds = st.floats(0, 1e6)


def test_each_moment_is_shared_out_among_what_is_waited_for() -> None:
    """One request under way and three that wait for a limit: a quarter and three quarters."""
    shared = SharedTime()
    shared.change(NETWORK, 1, 10.0)
    shared.change(LIMITS, 3, 12.0)
    shared.change(LIMITS, -3, 16.0)
    shared.change(NETWORK, -1, 17.0)
    shared.change(CACHE, 64, 20.0)

    assert shared.seconds(20.5) == pytest.approx({NETWORK: 2 + 1 + 1, LIMITS: 3, CACHE: 0.5})


def test_a_wait_that_goes_on_counts_already() -> None:
    """Who looks at a run that stands still wants to know why."""
    shared = SharedTime()
    shared.change(LIMITS, 2, 5.0)

    assert shared.seconds(65.0) == {LIMITS: 60.0}
    assert shared.seconds(66.0) == {LIMITS: 61.0}


def test_a_wait_that_fails_is_over() -> None:
    """Or its request would wait for ever."""
    shared, clock = SharedTime(), iter([1.0, 3.0])
    with pytest.raises(KeyError), shared.counted(LIMITS, 1, lambda: next(clock)):
        raise KeyError

    assert shared.seconds(100.0) == {LIMITS: 2.0}


@given(
    took=_seconds,
    shared=st.dictionaries(st.sampled_from([NETWORK, LIMITS, CACHE]), _seconds),
    parsing=_seconds,
    writing=_seconds,
)
def test_the_parts_of_the_fetching_add_up_to_it(
    took: float, shared: dict[str, float], parsing: float, writing: float
) -> None:
    """Whatever was measured, and none is negative."""
    parts = fetching_parts(took, shared, parsing=parsing, writing=writing)

    assert tuple(parts) == PARTS
    assert sum(parts.values()) == pytest.approx(took, abs=1e-6)
    assert min(parts.values()) >= 0


def test_reading_answers_is_taken_from_what_was_waited_for_meanwhile() -> None:
    """Eight seconds under way, two of ten spent reading, one beside all else."""
    parts = fetching_parts(10.0, {NETWORK: 8.0}, parsing=2.0, writing=1.0)

    assert parts == pytest.approx(
        {"network": 6.4, "limits": 0, "cache": 0, "parsing": 2, "writing": 1, "between": 0.6}
    )


@given(st.lists(st.floats(0, 1e9), max_size=12), st.integers(0, 10_000))
def test_apportioned_numbers_add_up(parts: list[float], whole: int) -> None:
    """And each is next to its exact share."""
    found = apportioned(parts, whole)
    total = sum(parts)

    assert sum(found) == (whole if total > 0 else 0)
    for number, part in zip(found, parts, strict=True):
        exact = whole * part / total if total > 0 else 0
        assert abs(number - exact) <= 1 + 1e-6


def test_thirds_are_not_ninety_nine() -> None:
    """As rounding down would have it."""
    assert apportioned([1, 1, 1], 100) == [34, 33, 33]
