"""Real answers of Binance, and its errors."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.sources.binance import SOURCE
from adapters.sources.candles.binance_intervals import MILLISECONDS
from domain.errors import NotFoundError, ParseError, PermanentError, UsageError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Page, Window
from tests.fakes.recorded_answers import answer_of, recorded

SINCE = datetime(2020, 4, 30, 21, tzinfo=UTC)
UNTIL = datetime(2020, 7, 1, 4, tzinfo=UTC)


def first(interval: str = "1h", window: Window | None = None, symbol: str = "BTCUSDT") -> Request:
    options = check_options(SOURCE, {"interval": interval}, None)
    return SOURCE.start(symbol, window or Window(SINCE, UNTIL), options)[0]


def read(request: Request, recording: str) -> Page:
    return SOURCE.parse(request, recorded(f"binance/{recording}"))


def test_two_recorded_pages_join_without_gap_or_overlap() -> None:
    """The second window begins right after the last candle of the first page."""
    page = read(first(), "klines_1h_page_1.json")
    (following,) = page.requests
    rest = read(following, "klines_1h_page_2.json")
    rows = [*page.records["candles"], *rest.records["candles"]]
    opened: list[Any] = [row[3] for row in rows]
    steps = {after - before for before, after in pairwise(opened)}

    assert len(set(opened)) == len(opened) == 1468
    assert steps == {timedelta(hours=1), timedelta(hours=4)}  # the exchange was halted once
    assert rest.requests == ()
    assert dict(following.params)["startTime"] == str(1_591_876_800_000 + 1)


def test_prices_are_the_exact_strings_read_once() -> None:
    """Columns stand where they belong: open, high, low, close, volume, trades."""
    page = read(first(), "klines_1h_page_1.json")
    assert page.records["candles"][0] == (
        *("binance", "BTCUSDT", "1h", datetime(2020, 4, 30, 21, tzinfo=UTC)),
        *(8819.15, 8849.8, 8734.5, 8761.92, 3089.560545),
        34467,
        True,
    )


def test_the_running_candle_is_not_final_and_is_asked_for_again() -> None:
    """Judged by the upstream's clock; what is known for good ends before it."""
    hour = 1_767_322_800_000  # 2026-01-02 03:00, four minutes before the answer
    rows = [
        [hour - 3_600_000, "1", "2", "1", "2", "3", hour - 1, "6", 7, "1", "1", "0"],
        [hour, "2", "2", "1", "1", "3", hour + 3_599_999, "6", 7, "1", "1", "0"],
    ]
    window = Window(datetime(2026, 1, 2, tzinfo=UTC))
    page = SOURCE.parse(first(window=window), answer_of(repr(rows).replace("'", '"').encode()))

    assert [row[-1] for row in page.records["candles"]] == [True, False]
    assert page.complete_until == datetime(2026, 1, 2, 3, tzinfo=UTC)
    again = first(window=Window(complete_until=page.complete_until))
    assert dict(again.params)["startTime"] == str(hour)


def test_an_unknown_symbol_is_looked_for_among_the_listed_ones() -> None:
    """The error body of the recording leads to a list, and that to suggestions."""
    error = PermanentError('HTTP 400: {"code":-1121,"msg":"Invalid symbol."}', status=400)
    (listing,) = SOURCE.failed(first(symbol="BTCUSTD"), error).requests
    prices = b'[{"symbol":"BTCUSDT","price":"1"},{"symbol":"ETHUSDT","price":"1"},{"x":1}]'

    with pytest.raises(NotFoundError) as caught:
        SOURCE.parse(listing, answer_of(prices))
    assert caught.value.suggestions[0] == "BTCUSDT"
    with pytest.raises(NotFoundError, match="without a separator"):
        SOURCE.failed(listing, PermanentError("HTTP 404", status=404))


def test_other_errors_stay_what_they_are() -> None:
    """A 400 for another reason is no unknown symbol."""
    with pytest.raises(PermanentError, match="-1100"):
        SOURCE.failed(first(), PermanentError('HTTP 400: {"code":-1100}', status=400))


@pytest.mark.parametrize("interval", ["7h", "1H", "", "1mo", "60"])
def test_an_interval_that_is_not_there_names_those_that_are(interval: str) -> None:
    """Before anything is asked."""
    with pytest.raises(NotFoundError, match="Binance has 1s, 1m"):
        first(interval)


@pytest.mark.parametrize("target", ["BTC/USDT", "BTC-USDT", "", "ß" * 5, "B" * 31, "../etc"])
def test_what_cannot_be_a_pair_is_refused(target: str) -> None:
    """The message shows how one looks."""
    with pytest.raises(UsageError, match="BTCUSDT"):
        SOURCE.check_target(target)


def test_every_interval_is_asked_in_windows_of_a_page() -> None:
    """All intervals of the upstream can be asked for."""
    for interval in MILLISECONDS:
        assert ("interval", interval) in first(interval).params


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[[1]]",
        b"[1]",
        b'[["x","1","1","1","1","1",1,"1",1]]',
        b'[[1588280400000,"1","1","1","1","1",1,"1",1]]',
        b'[[1,"1","1","1","1","1",2,"1",1]]',
        b'{"code":-1000,"msg":"An unknown error"}',
        b"[[1588280400000,",
    ],
)
def test_what_is_no_list_of_candles_is_refused(body: bytes) -> None:
    """Errors with status 200, cut answers, candles that were not asked for."""
    with pytest.raises(ParseError):
        SOURCE.parse(first(), answer_of(body))


def test_many_windows_are_planned_a_few_at_a_time() -> None:
    """Years of minutes do not fill the memory: the last window plans the next ones."""
    rows = [
        [1000 * 60 * n, "1", "1", "1", "1", "1", 1000 * 60 * (n + 1) - 1, "1", 1]
        for n in range(1000)
    ]
    page = SOURCE.parse(first("1m", Window()), answer_of(repr(rows).replace("'", '"').encode()))
    assert len(page.requests) == 50
    assert [each.expands for each in page.requests] == [False] * 49 + [True]
    later = SOURCE.parse(page.requests[-1], answer_of(b"[]"))
    assert len(later.requests) == 50
