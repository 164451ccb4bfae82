"""Which versions may go."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.retention import GRACE, Retention, select
from domain.snapshots import Snapshot

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def snapshots(*ages: float) -> list[Snapshot]:
    """Versions 1, 2 and so on, committed so many days ago."""
    return [
        Snapshot(number, NOW - age * DAY, f"R{number}", "test", "things", (), 0, 0)
        for number, age in enumerate(ages, start=1)
    ]


def doomed(retention: Retention, *ages: float) -> tuple[list[int], list[int]]:
    """The numbers of those that go, and of those that are too young for it."""
    found = select(snapshots(*ages), retention, NOW)
    return [each.version for each in found.doomed], [each.version for each in found.young]


def test_so_many_of_the_newest_stay() -> None:
    """`--keep`; fewer than that all stay."""
    assert doomed(Retention(keep=2), 9, 8, 7, 6) == ([1, 2], [])
    assert doomed(Retention(keep=9), 9, 8, 7, 6) == ([], [])


def test_what_was_current_within_the_span_stays() -> None:
    """`--older-than` counts from the moment when a version was superseded."""
    assert doomed(Retention(older_than=7 * DAY), 30, 20, 10, 5) == ([1, 2], [])


def test_a_version_goes_only_if_both_rules_let_it() -> None:
    """Together they keep what either keeps."""
    assert doomed(Retention(keep=3, older_than=7 * DAY), 30, 20, 10, 5) == ([1], [])
    assert doomed(Retention(keep=1, older_than=25 * DAY), 30, 20, 10, 5) == ([], [])


def test_a_version_that_was_current_today_stays_for_its_readers() -> None:
    """It is named, so that nobody wonders."""
    assert doomed(Retention(keep=1), 9, 8, 0.5) == ([1], [2])


@pytest.mark.parametrize("ages", [(), (400,)])
def test_the_newest_version_always_stays(ages: tuple[float, ...]) -> None:
    """However old it is."""
    assert doomed(Retention(keep=1, older_than=DAY), *ages) == ([], [])


def test_no_rule_lets_nothing_go() -> None:
    """A prune without options only sweeps files that no version has."""
    assert doomed(Retention(), 9, 8, 7) == ([], [])


def test_a_clock_that_was_put_back_makes_nothing_older_than_it_is() -> None:
    """Version 2 calls itself older than version 1, which was superseded only just now."""
    assert doomed(Retention(keep=1), 0.1, 30) == ([], [1])


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1000), max_size=20),
    st.none() | st.integers(1, 25),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=1000)),
)
def test_whatever_is_asked_the_newest_and_the_young_ones_stay(
    ages: list[float], keep: int | None, older_than: timedelta | None
) -> None:
    """And each moment within the span still has the version that was current then."""
    found = snapshots(*sorted(ages, reverse=True))
    chosen = select(found, Retention(keep, older_than), NOW)
    gone = {each.version for each in chosen.doomed}

    assert not found or found[-1].version not in gone
    for each, successor in pairwise(found):
        if successor.committed_at > NOW - GRACE:
            assert each.version not in gone
        if older_than is not None and successor.committed_at > NOW - older_than:
            assert each.version not in gone
    assert keep is None or len(found) - len(gone) >= min(keep, len(found))
