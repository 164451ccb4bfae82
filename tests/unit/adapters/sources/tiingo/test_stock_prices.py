"""Real answers of Tiingo and Yahoo."""

import json
from datetime import UTC, datetime

import pytest

from adapters.sources import tiingo, yahoo
from domain.errors import NotFoundError, ParseError, PermanentError, UsageError
from domain.requests import Request
from domain.sources import Source, Window
from tests.fakes.recorded_answers import answer_of, recorded


def first(source: Source, window: Window | None = None) -> Request:
    return source.start("AAPL", window or Window(), {})[0]


def test_tiingo_has_plain_and_adjusted_prices() -> None:
    """Members are read by name: they stand in another order than the columns."""
    page = tiingo.SOURCE.parse(first(tiingo.SOURCE), recorded("tiingo/prices_daily.json"))
    assert page.records["candles"][0] == (
        *("tiingo", "AAPL", "1d", datetime(2018, 1, 5, tzinfo=UTC)),
        *(1103.45, 1113.58, 1101.8, 1110.29, 1493389.0),
        None,
        True,
        *(1103.45, 1113.58, 1101.8, 1110.29, 1493389.0, 0.0, 1.0),
    )


def test_both_forms_of_tiingos_dates_are_days() -> None:
    """`Z` and `+00:00`."""
    page = tiingo.SOURCE.parse(first(tiingo.SOURCE), recorded("tiingo/prices_single_day.json"))
    assert page.records["candles"][0][3] == datetime(2018, 6, 8, tzinfo=UTC)
    assert page.complete_until == datetime(2018, 6, 9, tzinfo=UTC)


def test_a_dividend_in_the_tail_makes_the_whole_series_be_asked_for() -> None:
    """Adjusted prices of all earlier days have changed."""
    rows = json.loads(recorded("tiingo/prices_daily.json").body)
    rows[-1]["divCash"] = 0.24
    tail = first(tiingo.SOURCE, Window(complete_until=datetime(2018, 1, 5, tzinfo=UTC)))
    page = tiingo.SOURCE.parse(tail, answer_of(json.dumps(rows).encode()))
    (again,) = page.requests

    assert dict(again.params)["startDate"] == "1900-01-01"
    assert page.records == {}
    whole = tiingo.SOURCE.parse(again, answer_of(json.dumps(rows).encode()))
    assert whole.requests == ()
    assert whole.items == len(rows)


def test_an_unknown_ticker_is_searched_for() -> None:
    """404 leads to the search, and that to suggestions."""
    (search,) = tiingo.SOURCE.failed(
        first(tiingo.SOURCE), PermanentError("HTTP 404", status=404)
    ).requests
    with pytest.raises(NotFoundError) as caught:
        tiingo.SOURCE.parse(search, answer_of(b'[{"ticker":"AAPL"},{"ticker":null}]'))
    assert caught.value.suggestions == ("AAPL",)


def test_yahoo_tells_splits_and_dividends() -> None:
    """Events are keyed by the epoch of the day's first trade; days are those of the exchange."""
    answer = recorded("yahoo/chart_split_and_dividend.json")
    page = yahoo.SOURCE.parse(first(yahoo.SOURCE), answer)
    rows = {row[3]: row for row in page.records["candles"]}

    assert rows[datetime(2020, 8, 31, tzinfo=UTC)][-1] == 4.0
    assert rows[datetime(2020, 11, 6, tzinfo=UTC)][-2] == 0.205
    assert len(rows) == page.items == 49
    assert "best effort" in page.notes[0]


def test_yahoos_empty_charts_are_no_error_and_prices_without_times_are() -> None:
    """An empty window has no times, no columns and no adjusted prices."""
    page = yahoo.SOURCE.parse(first(yahoo.SOURCE), recorded("yahoo/chart_empty.json"))
    assert page.items == 0
    with pytest.raises(ParseError, match="one open for each day"):
        yahoo.SOURCE.parse(first(yahoo.SOURCE), recorded("yahoo/chart_without_times.json"))


def test_yahoos_currencies_have_no_volume() -> None:
    """Which comes as 0."""
    page = yahoo.SOURCE.parse(first(yahoo.SOURCE), recorded("yahoo/chart_currency.json"))
    assert [row[8] for row in page.records["candles"]] == [0.0, 0.0, 0.0]


def test_yahoos_words_are_passed_on() -> None:
    """An error with status 200, an unknown symbol."""
    body = b'{"chart":{"result":null,"error":{"code":"x","description":"No data found"}}}'
    with pytest.raises(ParseError, match="No data found"):
        yahoo.SOURCE.parse(first(yahoo.SOURCE), answer_of(body))
    with pytest.raises(NotFoundError, match="hyphen"):
        yahoo.SOURCE.failed(first(yahoo.SOURCE), PermanentError("HTTP 404", status=404))


@pytest.mark.parametrize("source", [tiingo.SOURCE, yahoo.SOURCE], ids=lambda each: each.name)
def test_bad_tickers(source: Source) -> None:
    """Are told before anything is asked."""
    for target in ("", "A B", "../x", "A" * 30):
        with pytest.raises(UsageError, match="AAPL"):
            source.check_target(target)
