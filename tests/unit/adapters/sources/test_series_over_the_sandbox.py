"""What every source of a time series must do, over the sandbox's deterministic series."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources import (
    binance,
    coinbase_exchange,
    open_meteo,
    opensea_events,
    sec_edgar,
    tiingo,
    yahoo,
)
from adapters.sources.declared.declaration import read_declaration
from domain.errors import UsageError
from domain.sources import Source, Window
from tests.contracts.record_shape import assert_fits
from tests.support.sandbox_walk import SandboxWalk, Table, merged

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Series:
    """A series, and a window in it that takes several requests."""

    source: Source
    target: str
    since: datetime
    options: dict[str, str]

    def walk(self, now: datetime = NOW) -> SandboxWalk:
        return SandboxWalk(self.source, self.target, now, **self.options)


_REGISTRY = PackageSourceRegistry(read=read_declaration)


def declared(domain: str, target: str, since: datetime) -> Series:
    return Series(_REGISTRY.get(domain), target, since, {})


ALL = (
    Series(binance.SOURCE, "BTCUSDT", datetime(2025, 10, 1, tzinfo=UTC), {"interval": "1h"}),
    Series(binance.SOURCE, "ETHBTC", datetime(2023, 1, 1, tzinfo=UTC), {"interval": "1M"}),
    Series(coinbase_exchange.SOURCE, "BTC-USD", datetime(2026, 2, 1, tzinfo=UTC), {}),
    Series(
        coinbase_exchange.SOURCE,
        "ETH-USD",
        datetime(2026, 3, 10, tzinfo=UTC),
        {"interval": "1m"},
    ),
    Series(
        open_meteo.SOURCE,
        "Berlin+Tokyo+-12.5,130.8",
        datetime(2026, 1, 10, tzinfo=UTC),
        {"hourly": "temperature_2m,weather_code", "daily": "temperature_2m_max,sunrise"},
    ),
    Series(tiingo.SOURCE, "AAPL", datetime(2026, 1, 5, tzinfo=UTC), {}),
    Series(yahoo.SOURCE, "MSFT", datetime(2026, 1, 5, tzinfo=UTC), {}),
    Series(opensea_events.SOURCE, "dxterminal", datetime(2026, 2, 20, tzinfo=UTC), {}),
    declared("fx", "EUR/USD,GBP", datetime(2018, 1, 5, tzinfo=UTC)),
    declared("indicators", "NY.GDP.MKTP.CD", datetime(1990, 1, 1, tzinfo=UTC)),
    declared("quakes", "world", datetime(2026, 2, 1, tzinfo=UTC)),
    declared("github", "pallets/flask", datetime(2011, 1, 1, tzinfo=UTC)),
)
AS_A_WHOLE = {
    "opensea": ("gnars-v2", "a list of what is there now: it is replaced as a whole"),
    "opensea_listings": ("gnars-v2", "what is on sale now"),
    "opensea_stats": ("gnars-v2", "sums up to now, which OpenSea tells of no other moment"),
    "sec_edgar": ("AAPL", "one answer has all facts of a company, and later ones restate earlier"),
}
"""Sources that cannot be asked for a span, each with a target and the reason."""

each_series = pytest.mark.parametrize(
    "series", ALL, ids=lambda each: f"{each.source.name}-{each.target}"
)


def same(found: dict[str, Table], expected: dict[str, Table]) -> None:
    for name, rows in expected.items():
        assert name == "places" or found[name] == rows, name


@each_series
def test_rows_fit_their_tables(series: Series) -> None:
    """Width, types, keys; and the items are the rows of the first table."""
    walked = series.walk().run(Window(series.since))
    records = {name: [*rows.values()] for name, rows in walked.tables.items()}

    assert_fits(series.source, records)
    assert walked.items == len(records[series.source.tables[0].name]) > 0
    for table in series.source.tables:
        key = table.schema.positions(table.key)
        for row in records[table.name]:
            assert all(row[position] is not None for position in key)


@each_series
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_windows_split_anywhere_give_the_same_table(series: Series, data: Any) -> None:
    """However a span is cut, its parts join without gap and without overlap."""
    if "until" not in series.source.takes:
        with pytest.raises(UsageError, match="no --until"):
            series.walk().run(Window(series.since, NOW))
        return
    span = int((NOW - series.since) / timedelta(seconds=1))
    cuts = data.draw(st.lists(st.integers(1, span - 1), max_size=2, unique=True))
    ends = [series.since + timedelta(seconds=cut) for cut in sorted(cuts)]
    windows = [
        Window(since, until)
        for since, until in zip([series.since, *ends], [*ends, None], strict=True)
    ]
    parts = [series.walk().run(window) for window in windows]
    whole = series.walk().run(Window(series.since))

    same(merged(*parts), whole.tables)
    assert sum(part.items for part in parts) == whole.items


@each_series
@settings(max_examples=4, deadline=None)
@given(later=st.integers(0, 12 * 24 * 60))
def test_an_incremental_run_gives_what_a_full_one_gives(series: Series, later: int) -> None:
    """A second run asks from where the first one knew all for good, and ends at the same table."""
    then = NOW + timedelta(minutes=later)
    first = series.walk().run(Window(series.since))
    tail = series.walk(then).run(Window(complete_until=first.complete_until))
    full = series.walk(then).run(Window(series.since))
    now_known = merged(first, tail)

    for name, rows in full.tables.items():
        if name != "places":
            assert rows.items() <= now_known[name].items(), name
            beginning = min(rows)
            assert {key for key in now_known[name] if key >= beginning} >= set(rows)
    assert len(tail.requests) <= len(full.requests)


@each_series
def test_the_order_of_answers_does_not_matter(series: Series) -> None:
    """Requests of one run may be answered in any order."""
    straight = series.walk().run(Window(series.since))
    mixed = series.walk().run(Window(series.since), shuffle=3)

    same(mixed.tables, straight.tables)
    assert mixed.complete_until == straight.complete_until


@each_series
def test_what_is_known_for_good_is_in_the_past(series: Series) -> None:
    """The running candle, today's prices and the archive's last days are asked for again."""
    walked = series.walk().run(Window(series.since))
    if not series.source.remembers:
        assert walked.complete_until is None  # any year may be revised: all are asked each time
        return
    assert walked.complete_until is not None
    assert series.since < walked.complete_until <= NOW


def test_weather_up_to_a_day_goes_seven_days_back_from_it() -> None:
    """Not from today: nothing would be left of it."""
    until = datetime(2026, 2, 1, tzinfo=UTC)
    walked = SandboxWalk(open_meteo.SOURCE, "Berlin", NOW).run(Window(until=until))
    days = sorted(str(row[3]) for row in walked.tables["daily"].values())
    assert (days[0], days[-1]) == ("2026-01-24", "2026-01-31")


@each_series
def test_a_limit_holds(series: Series) -> None:
    """`--limit` ends a walk at that many rows, and 0 asks nobody."""
    assert series.walk().run(Window(series.since), limit=3).items == 3
    assert series.walk().run(Window(series.since), limit=0).requests == []


@each_series
def test_a_window_that_makes_no_sense_is_refused(series: Series) -> None:
    """It ends before it begins, or lies in the future."""
    with pytest.raises(UsageError, match="before --until"):
        series.walk().run(Window(NOW, series.since))
    with pytest.raises(UsageError, match=r"future|ahead"):
        series.walk().run(Window(NOW + timedelta(days=400)))


def test_every_source_is_a_series_or_says_why_not() -> None:
    """A new source is put into one of the lists above."""
    split = {series.source.name for series in ALL}
    assert all(series.source.takes for series in ALL)
    assert {source.name for source in _REGISTRY.all()} == split | set(AS_A_WHOLE)
    assert not split & set(AS_A_WHOLE)


@pytest.mark.parametrize("name", AS_A_WHOLE)
def test_a_source_without_spans_refuses_them(name: str) -> None:
    """Rather than answer with something else than was asked for."""
    source = next(each for each in _REGISTRY.all() if each.name == name)
    walk = SandboxWalk(source, AS_A_WHOLE[name][0], NOW)
    assert not source.takes
    for window in (Window(NOW - HOUR), Window(None, NOW), Window(NOW - HOUR, NOW)):
        with pytest.raises(UsageError, match="since"):
            walk.run(window)


@pytest.mark.parametrize("later", [0, 100, 400])
def test_a_company_read_again_keeps_what_it_had(later: int) -> None:
    """Filings and facts only come to those that are there; their order does not matter."""
    first = SandboxWalk(sec_edgar.SOURCE, "AAPL", NOW).run()
    again = SandboxWalk(sec_edgar.SOURCE, "AAPL", NOW + timedelta(days=later)).run(shuffle=later)
    for name, rows in first.tables.items():
        assert rows.items() <= again.tables[name].items(), name
    assert (len(again.tables["filings"]) > len(first.tables["filings"])) == (later > 0)


@each_series
def test_requests_carry_json_and_stay_small(series: Series) -> None:
    """A checkpoint holds them; their number is that of the pages."""
    walked = series.walk().run(Window(series.since))
    assert len(walked.requests) < 60
    assert all(replace(each).context == each.context for each in walked.requests)
