"""The gaps of a series are found, and filled run by run."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ingest_request import IngestRequest
from application.plan_backfill import PlanBackfill
from domain.coverage import Span
from domain.errors import RetryableError, UsageError
from domain.requests import Request, Response
from domain.sources import Source, Window
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_series import SERIES, FakeSeries, hour
from tests.fakes.sample_source import SAMPLE
from tests.fakes.still_clock import StillClock
from tests.unit.application.conftest import Workshop

LENGTH = timedelta(hours=6)


class Series:
    """An upstream of 27 hours, the last of which goes on, as the clock says."""

    def __init__(self, source: Source = SERIES) -> None:
        self.upstream = FakeSeries(27)
        self.workshop = Workshop(self.upstream, source)

    def ingest(self, since: int | None, until: int | None = None) -> None:
        window = Window(
            None if since is None else hour(since), None if until is None else hour(until)
        )
        asyncio.run(self.workshop.run("clock", window=window))

    def plan(
        self, since: int | None = None, until: int | None = None, length: timedelta = LENGTH
    ) -> Sequence[IngestRequest]:
        planner = PlanBackfill(
            registry=FakeSourceRegistry(self.workshop.source),
            manifests=self.workshop.manifests,
            clock=self.workshop.clock,
            program="1.0",
        )
        window = Window(
            None if since is None else hour(since), None if until is None else hour(until)
        )
        request = IngestRequest(domain="test", target="clock", window=window)
        return asyncio.run(planner.execute(request, length))

    def fill(self, runs: Sequence[IngestRequest]) -> None:
        for run in runs:
            asyncio.run(self.workshop.ingest.execute(run, self.workshop.progress))

    @property
    def coverage(self) -> list[Span]:
        dataset = self.workshop.manifests.manifests[-1].dataset("test.values", "clock")
        assert dataset is not None
        return [span for spans in dataset.covered.values() for span in spans]

    @property
    def cursor(self) -> object:
        dataset = self.workshop.manifests.manifests[-1].dataset("test.values", "clock")
        assert dataset is not None
        (until,) = dataset.complete_until.values()
        return until

    @property
    def rows(self) -> list[object]:
        return sorted(row[1] for row in self.workshop.writer.rows["test.values"])  # type: ignore[type-var]  # moments


def spans(runs: Sequence[IngestRequest]) -> list[tuple[object, object]]:
    return [(run.window.since, run.window.until) for run in runs]


def test_a_history_is_filled_in_parts_from_its_beginning_on() -> None:
    """The last part has an open end, so that the tail is provisional as ever."""
    series = Series()
    runs = series.plan(since=0)

    assert spans(runs) == [
        (hour(0), hour(6)),
        (hour(6), hour(12)),
        (hour(12), hour(18)),
        (hour(18), hour(24)),
        (hour(24), None),
    ]
    series.fill(runs)
    assert series.rows == [hour(n) for n in range(27)]
    assert series.coverage == [Span(hour(0), hour(26))]
    assert series.cursor == hour(26)
    assert spans(series.plan()) == [(hour(26), None)]


def test_only_gaps_are_filled() -> None:
    """What is known is not asked for again; filled up, the cursor jumps to the end."""
    series = Series()
    series.ingest(2, 6)
    series.ingest(10, 14)
    assert series.coverage == [Span(hour(2), hour(6)), Span(hour(10), hour(14))]
    assert series.cursor == hour(6)

    assert spans(series.plan(until=14)) == [(hour(6), hour(10))]
    series.fill(series.plan(until=14))
    assert series.coverage == [Span(hour(2), hour(14))]
    assert series.cursor == hour(14)
    assert spans(series.plan(since=0, until=14)) == [(hour(0), hour(2))]
    assert spans(series.plan(until=14)) == []


def test_a_stopped_backfill_goes_on_with_what_lacks() -> None:
    """Runs that were published before the upstream failed are not repeated."""
    series = Series()
    runs = series.plan(since=0, until=24)
    series.fill(runs[:2])

    def down(_: Request) -> Response:
        message = "down"
        raise RetryableError(message)

    answers, series.workshop.fetcher.answers = series.workshop.fetcher.answers, down
    with pytest.raises(RetryableError):
        series.fill(runs[2:])
    series.workshop.fetcher.answers = answers
    rest = series.plan(since=0, until=24)

    assert spans(rest) == spans(runs[2:])
    series.fill(rest)
    assert series.rows == [hour(n) for n in range(24)]


def test_a_series_that_was_read_from_its_beginning_has_no_gap_before() -> None:
    """However far back is asked."""
    series = Series()
    series.ingest(None, 20)

    assert series.coverage == [Span(None, hour(20))]
    assert spans(series.plan(since=-100, until=20)) == []


def test_a_series_whose_end_cannot_be_said_is_filled_at_once() -> None:
    """From the first gap up to now."""
    series = Series(replace(SERIES, takes=frozenset({"since"})))
    assert spans(series.plan(since=0)) == [(hour(0), None)]
    series.fill(series.plan(since=0))
    assert series.coverage == [Span(hour(0), hour(26))]


@pytest.mark.parametrize(
    ("days", "known"),
    [(2.0, [Span(hour(3), hour(26))]), (1.0, []), (0.5, [])],
    ids=["further than what is provisional", "no further", "less"],
)
def test_how_far_back_an_upstream_goes_by_itself_is_known(days: float, known: list[Span]) -> None:
    """A day is left over for clocks that differ, and all before is a gap."""
    series = Series(replace(SERIES, default_span=timedelta(days=days)))
    series.workshop.clock = StillClock(hour(27))
    series.ingest(None)

    assert series.coverage == known
    assert series.cursor == hour(26)
    parts = spans(series.plan(since=0))
    assert parts[0] == (hour(0), hour(3 if known else 6))
    assert parts[-1] == (hour(26) if known else hour(24), None)


@pytest.mark.parametrize(
    ("source", "since", "length", "told"),
    [
        (SERIES, None, LENGTH, "how far back with --since"),
        (SERIES, 0, timedelta(), "at least a second"),
        (SERIES, 0, timedelta(seconds=1), "longer --chunk"),
        (SAMPLE, 0, LENGTH, "read as a whole"),
        (replace(SERIES, takes=frozenset()), 0, LENGTH, "read as a whole"),
        (replace(SERIES, remembers=False), 0, LENGTH, "leave --backfill out"),
    ],
)
def test_what_cannot_be_filled_is_refused(
    source: Source, since: int | None, length: timedelta, told: str
) -> None:
    """With what to do."""
    with pytest.raises(UsageError, match=told):
        Series(source).plan(since, length=length)
