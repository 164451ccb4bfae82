"""Real answers of Coinbase Exchange."""

from datetime import UTC, datetime

import pytest

from adapters.sources.coinbase_exchange import SOURCE
from domain.errors import NotFoundError, ParseError, PermanentError, UsageError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Window
from tests.fakes.recorded_answers import answer_of, recorded


def first(window: Window, interval: str = "1d") -> Request:
    options = check_options(SOURCE, {"interval": interval}, None)
    return SOURCE.start("BTC-USD", window, options)[0]


def test_rows_are_turned_round_and_their_columns_put_in_order() -> None:
    """The newest comes first and the low before the high."""
    window = Window(datetime(2018, 2, 1, tzinfo=UTC), datetime(2018, 2, 1, 1, tzinfo=UTC))
    page = SOURCE.parse(first(window, "1m"), recorded("coinbase_exchange/candles_1m.json"))
    rows = page.records["candles"]

    assert [row[3] for row in rows] == sorted(row[3] for row in rows)  # type: ignore[type-var]
    assert rows[-1] == (
        *("coinbase_exchange", "BTC-USD", "1m", datetime(2018, 2, 1, 0, 9, tzinfo=UTC)),
        *(10106.01, 10120.21, 10106.0, 10120.21, 2.85107455),
        None,
        True,
    )


def test_rows_from_before_the_window_are_passed_over() -> None:
    """The upstream adds some; an earlier window has them already."""
    window = Window(datetime(2018, 2, 1, 0, 5, tzinfo=UTC), datetime(2018, 2, 1, 1, tzinfo=UTC))
    page = SOURCE.parse(first(window, "1m"), recorded("coinbase_exchange/candles_1m.json"))
    assert len(page.records["candles"]) == 5


def test_intervals_without_a_trade_are_known_all_the_same() -> None:
    """An empty answer says that there was none, so that it is not asked for again."""
    window = Window(datetime(2018, 2, 1, tzinfo=UTC), datetime(2018, 2, 1, 1, tzinfo=UTC))
    page = SOURCE.parse(first(window, "1m"), answer_of(b"[]"))
    assert page.complete_until == window.until
    assert page.items == 0


def test_no_request_spans_more_than_a_page() -> None:
    """More than 300 candles are refused by the upstream."""
    params = dict(first(Window(datetime(2018, 2, 1, tzinfo=UTC))).params)
    assert (int(params["end"]) - int(params["start"])) / int(params["granularity"]) < 300


def test_an_unknown_product_is_looked_for_among_the_listed_ones() -> None:
    """404 leads to the list of products."""
    request = first(Window())
    (listing,) = SOURCE.failed(request, PermanentError("HTTP 404", status=404)).requests
    with pytest.raises(NotFoundError) as caught:
        SOURCE.parse(listing, answer_of(b'[{"id":"BTC-EUR"},{"id":"BTC-USDC"}]'))
    assert "BTC-USDC" in caught.value.suggestions


@pytest.mark.parametrize("body", [b"{}", b"[[1,2]]", b"[[2,1,1,1,1,1],[3,1,1,1,1,1]]", b"[[null]]"])
def test_what_is_no_list_of_candles_is_refused(body: bytes) -> None:
    """Nor is one that is not in the upstream's order."""
    with pytest.raises(ParseError):
        SOURCE.parse(first(Window(datetime(2018, 2, 1, tzinfo=UTC))), answer_of(body))


def test_bad_input() -> None:
    """An interval that is not there, and a pair in another spelling."""
    with pytest.raises(NotFoundError, match="Coinbase has 1m"):
        first(Window(), "2h")
    with pytest.raises(UsageError, match="BTC-USD"):
        SOURCE.check_target("BTCUSD")
