"""Spans of a series that are known for good, and what lacks between them."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import Coverage, Span, chunks, covered, gaps, gaps_within, known_until

DAY = timedelta(days=1)
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return ORIGIN + number * DAY


def span(since: int | None, until: int) -> Span:
    return Span(None if since is None else day(since), day(until))


BOUNDS = st.tuples(st.none() | st.integers(0, 30), st.integers(0, 30))
SPANS = st.lists(BOUNDS, max_size=8)


def known_days(spans: list[tuple[int | None, int]]) -> set[int]:
    """The model: single days, 40 of them before the origin for "ever"."""
    return {
        n for since, until in spans for n in range(-40 if since is None else since, max(until, -40))
    }


def covering(spans: list[tuple[int | None, int]]) -> Coverage:
    found: Coverage = ()
    for each in spans:
        found = covered(found, span(*each))
    return found


@given(SPANS)
def test_a_coverage_is_the_union_of_its_spans(spans: list[tuple[int | None, int]]) -> None:
    """In order, without spans that meet, whatever order they came in."""
    found = covering(spans)

    assert found == covering(spans[::-1])
    for before, after in itertools.pairwise(found):
        assert after.since is not None
        assert before.until < after.since
    shown = {
        n
        for n in range(-40, 40)
        if any(s.begins_before(day(n)) and day(n) < s.until for s in found)
    }
    assert shown == known_days(spans)


@given(SPANS, st.integers(0, 30), st.integers(0, 30))
def test_gaps_are_exactly_what_a_coverage_lacks(
    spans: list[tuple[int | None, int]], since: int, until: int
) -> None:
    """Filling them leaves none."""
    coverage = covering(spans)
    missing = list(gaps(coverage, day(since), day(until)))
    shown = {
        n for each in missing if each.since for n in range(40) if each.since <= day(n) < each.until
    }

    assert shown == set(range(since, until)) - known_days(spans)
    for each in missing:
        coverage = covered(coverage, each)
    assert not list(gaps(coverage, day(since), day(until)))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 9))
def test_chunks_are_the_span_in_parts(since: int, until: int, length: int) -> None:
    """None is longer than asked for, and none lies apart from the next."""
    parts = list(chunks(day(since), day(until), length * DAY))

    assert all(timedelta() < end - begin <= length * DAY for begin, end in parts)
    joined: Coverage = ()
    for begin, end in parts:
        joined = covered(joined, Span(begin, end))
    assert joined == covered((), span(since, until))


@pytest.mark.parametrize(
    ("moment", "until"), [(-5, 3), (3, 3), (4, 4), (5, 9), (7, 9), (9, 9), (12, 12)]
)
def test_what_is_known_from_a_moment_on(moment: int, until: int) -> None:
    """Up to the end of the span that it lies in or ends at."""
    coverage = covering([(None, 3), (5, 9)])
    assert known_until(coverage, day(moment)) == day(until)


def test_gaps_within_a_coverage() -> None:
    """Between its first and its last span."""
    assert gaps_within(()) == ()
    assert gaps_within(covering([(None, 3)])) == ()
    assert gaps_within(covering([(1, 3), (5, 9), (12, 13)])) == (span(3, 5), span(9, 12))
