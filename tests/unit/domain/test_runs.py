"""Runs: what is saved is what is read."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.runs import (
    FetchStatistics,
    RowCounts,
    Run,
    RunState,
    added_up,
    finished,
    run_from_json,
    run_to_json,
)

COUNT = st.integers(0, 2**62)
MOMENT = st.datetimes(timezones=st.just(UTC))
TEXT = st.text(max_size=12)
SECONDS = st.floats(0, 1e6, allow_nan=False)
RUN = st.builds(
    Run,
    run_id=TEXT,
    domain=TEXT,
    target=TEXT,
    source=TEXT,
    state=st.sampled_from(RunState),
    started_at=MOMENT,
    finished_at=st.none() | MOMENT,
    version=st.none() | COUNT,
    tables=st.dictionaries(TEXT, st.builds(RowCounts, COUNT, COUNT, COUNT, COUNT), max_size=3),
    failures=st.dictionaries(TEXT, COUNT, max_size=3),
    statistics=st.builds(
        FetchStatistics,
        requests=COUNT,
        cache_hits=COUNT,
        revalidated=COUNT,
        retries=COUNT,
        bytes=COUNT,
        waited=SECONDS,
        throttled=COUNT,
        denied=COUNT,
        hosts_given_up=COUNT,
        waits=st.dictionaries(TEXT, SECONDS, max_size=2),
        given_up=st.lists(TEXT, max_size=2).map(tuple),
    ),
    files=st.lists(TEXT, max_size=2).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple),
    error=st.none() | TEXT,
)
BEGUN = Run(
    run_id="RUN1",
    domain="nft",
    target="things",
    source="sample",
    state=RunState.RUNNING,
    started_at=datetime(2026, 1, 2, tzinfo=UTC),
)


@given(RUN)
def test_a_run_survives_json(run: Run) -> None:
    """Every member of it."""
    assert run_from_json(json.loads(json.dumps(run_to_json(run)))) == run


def test_members_of_a_later_version_are_passed_over() -> None:
    """And members that an earlier one did not write get their defaults."""
    value = run_to_json(BEGUN) | {"colour": "blue"}
    for name in ("statistics", "files", "notes", "finished_at"):
        del value[name]

    assert run_from_json(value) == BEGUN
    assert run_from_json(value | {"statistics": {"mood": "good"}}) == BEGUN


def test_a_finished_run_knows_how_long_it_took() -> None:
    """A running one has taken no time yet."""
    done = finished(BEGUN, RunState.FAILED, BEGUN.started_at + timedelta(seconds=90), "why")

    assert (BEGUN.seconds, done.seconds) == (0.0, 90.0)
    assert (done.state, done.error) == (RunState.FAILED, "why")


@pytest.mark.parametrize(
    ("counts", "balanced"),
    [
        (RowCounts(), True),
        (RowCounts(10, 7, 2, 1), True),
        (RowCounts(10, 7, 2, 0), False),
        (RowCounts(9, 7, 2, 1), False),
    ],
)
def test_a_balance_accounts_for_every_fetched_row(counts: RowCounts, *, balanced: bool) -> None:
    """Fetched = published + quarantined + deduplicated."""
    assert counts.balanced is balanced


@given(RUN)
def test_totals_are_over_all_tables(run: Run) -> None:
    """For each column of the balance."""
    for column in ("fetched", "published", "quarantined", "deduplicated"):
        assert run.total(column) == sum(getattr(each, column) for each in run.tables.values())


def test_statistics_of_two_attempts_add_up() -> None:
    """Counts and waits are summed, names are joined."""
    first = FetchStatistics(requests=3, waited=0.5, waits={"a": 0.5}, given_up=("x",))
    second = FetchStatistics(requests=4, waits={"a": 1.0, "b": 2.0}, given_up=("x", "y"), stale=1)

    assert added_up(first, second) == FetchStatistics(
        requests=7, waited=0.5, waits={"a": 1.5, "b": 2.0}, given_up=("x", "y"), stale=1
    )
    assert added_up(FetchStatistics(), first) == first
