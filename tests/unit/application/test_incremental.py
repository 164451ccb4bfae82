"""A series asks only for what is new, and for what was not final."""

import asyncio

import pytest

from domain.errors import StorageError
from domain.manifest import Dataset
from domain.runs import Run, RunState
from domain.sources import Window
from tests.fakes.sample_series import SERIES, FakeSeries, hour
from tests.unit.application.conftest import Workshop


class Series:
    """An upstream that grows, and the ingests of it."""

    def __init__(self, hours: int = 10) -> None:
        self.upstream = FakeSeries(hours)
        self.workshop = Workshop(self.upstream, SERIES)

    def ingest(self, **options: object) -> Run:
        return asyncio.run(self.workshop.run("clock", **options))

    @property
    def rows(self) -> dict[object, object]:
        return {row[1]: row[2:] for row in self.workshop.writer.rows["test.values"]}

    @property
    def dataset(self) -> Dataset:
        found = self.workshop.manifests.manifests[-1].dataset("test.values", "clock")
        assert found is not None
        return found


def test_the_second_run_asks_from_the_last_final_hour_on() -> None:
    """The hour that was not final is asked again and takes the place of its first value."""
    series = Series(10)
    series.ingest()
    assert series.rows[hour(9)] == (910, False)
    series.upstream.hours = 14
    run = series.ingest()

    assert series.upstream.asked == [0, 9]
    assert len(series.rows) == 14
    assert series.rows[hour(9)] == (900, True)
    assert series.rows[hour(13)] == (1314, False)
    assert run.tables["test.values"].published == 5
    assert set(series.dataset.complete_until.values()) == {hour(13)}


def test_a_run_without_news_publishes_nothing() -> None:
    """Same rows, no version."""
    series = Series()
    series.ingest()
    run = series.ingest()

    assert (run.unchanged, run.version) == (True, 1)
    assert run.state is RunState.SUCCEEDED


def test_a_commit_that_fails_leaves_the_cursor_where_it_was() -> None:
    """What was not published is asked again."""
    series = Series(10)
    series.ingest()
    series.upstream.hours = 14
    series.workshop.manifests.fail = StorageError("no link")
    with pytest.raises(StorageError):
        series.ingest()
    series.workshop.manifests.fail = None
    series.ingest(resume=False)

    assert series.upstream.asked == [0, 9, 9]
    assert len(series.rows) == 14


def test_full_refresh_asks_for_everything() -> None:
    """And keeps the cursor."""
    series = Series(10)
    series.ingest()
    series.ingest(refresh=True)

    assert series.upstream.asked == [0, 0]


def test_each_series_of_a_target_has_a_cursor_of_its_own() -> None:
    """Parameters make another series in the same table."""
    series = Series(10)
    series.ingest()
    series.ingest(options={"step": "5m"})
    series.upstream.hours = 12
    series.ingest(options={"step": "5m"})

    assert series.upstream.asked == [0, 0, 9]
    assert sorted(series.dataset.complete_until.values()) == [hour(9), hour(11)]


@pytest.mark.parametrize(
    ("since", "known"),
    [(hour(4), hour(19)), (hour(9), hour(19)), (hour(15), hour(9))],
    ids=["overlapping", "adjoining", "with a gap"],
)
def test_a_window_moves_the_cursor_only_without_a_gap(since: object, known: object) -> None:
    """What lies between is asked for by the next run."""
    series = Series(10)
    series.ingest()
    series.upstream.hours = 20
    series.ingest(window=Window(since=since))  # type: ignore[arg-type]  # a moment

    assert set(series.dataset.complete_until.values()) == {known}


def test_a_span_that_ends_in_the_past_is_asked_for_from_its_beginning() -> None:
    """What is known goes further; "up to then" would be nothing otherwise."""
    series = Series(10)
    series.ingest(window=Window(since=hour(5)))
    series.ingest(window=Window(until=hour(3)))

    assert series.upstream.asked == [5, 0]
    assert len(series.rows) == 8
    assert set(series.dataset.complete_until.values()) == {hour(9)}


def test_a_stopped_run_goes_on_with_the_cursor_it_began_with() -> None:
    """Its requests are in its checkpoint."""
    series = Series(10)
    series.ingest()
    series.upstream.hours = 14
    series.workshop.writer.fail_at = "seal"
    with pytest.raises(StorageError):
        series.ingest()
    series.workshop.writer.fail_at = None
    run = series.ingest()

    assert (run.attempts, len(series.rows)) == (2, 14)
    assert series.upstream.asked == [0, 9]
