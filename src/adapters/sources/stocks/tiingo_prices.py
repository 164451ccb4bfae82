"""Answers of Tiingo's `/tiingo/daily/<ticker>/prices`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.sources.candles.numbers import amount
from adapters.sources.stocks.candle_table import is_settled
from adapters.sources.stocks.daily_walk import DailyWalk
from domain.errors import ParseError
from domain.tables import Record

_PLAIN = ("open", "high", "low", "close", "volume")
_ADJUSTED = ("adjOpen", "adjHigh", "adjLow", "adjClose", "adjVolume", "divCash", "splitFactor")


def read_prices(answer: Any, walk: DailyWalk, now: datetime) -> Sequence[Record]:
    """The days that a walk has asked for.

    Raises:
        ParseError: the answer is not a list of days in order.
    """
    if type(answer) is not list:
        message = f"The answer for {walk.symbol} is not a list of prices."
        raise ParseError(message)
    records: list[Record] = []
    before: datetime | None = None
    for row in answer:
        day = _day(row, walk.symbol)
        if before is not None and day <= before:
            message = f"The prices of {walk.symbol} are not in order."
            raise ParseError(message)
        before = day
        if not walk.holds(day):
            continue
        plain = [amount(row.get(name)) for name in _PLAIN]
        adjusted = [amount(row.get(name)) for name in _ADJUSTED]
        series = ("tiingo", walk.symbol, "1d", day)
        records.append((*series, *plain, None, is_settled(day, now), *adjusted))
    return records[: walk.left]


def has_adjustment(answer: Any) -> bool:
    """Whether a dividend or a split is among the days."""
    return any(amount(row.get("divCash")) or amount(row.get("splitFactor")) != 1 for row in answer)


def _day(row: Any, symbol: str) -> datetime:
    """`2018-01-05T00:00:00.000Z`, `2018-01-05T00:00:00+00:00`."""
    date = row.get("date") if type(row) is dict else None
    if type(date) is str and len(date) <= 40:  # noqa: PLR2004 - longer than any time
        try:
            day = datetime.fromisoformat(date)
        except ValueError:
            pass
        else:
            return day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    message = f"A price of {symbol} does not say of which day it is."
    raise ParseError(message)
