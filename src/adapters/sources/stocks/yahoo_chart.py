"""Answers of Yahoo's chart (`/v8/finance/chart/<symbol>`), for days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.sources.candles.numbers import EPOCH, amount
from adapters.sources.json_documents import text
from adapters.sources.stocks.candle_table import is_settled
from adapters.sources.stocks.daily_walk import DailyWalk
from domain.errors import ParseError
from domain.tables import Record

_DAY = 86_400
_LONGEST_OFFSET = 15 * 3600
_FARTHEST = 253_402_300_799
_COLUMNS = ("open", "high", "low", "close", "volume")


class Chart:
    """A chart of days.

    Attributes:
        has_adjustment: a dividend or a split is among its days.

    Raises:
        ParseError: the answer is none, or its columns are not of one length.
    """

    def __init__(self, answer: Any, walk: DailyWalk, now: datetime) -> None:
        self._walk = walk
        self._now = now
        self._result = _result(answer, walk.symbol)
        meta = self._result.get("meta")
        offset = meta.get("gmtoffset") if type(meta) is dict else None
        if type(offset) is not int or abs(offset) > _LONGEST_OFFSET:
            message = f"The chart of {walk.symbol} does not say where its exchange is."
            raise ParseError(message)
        self._offset = offset
        self._dividends = dict(self._events("dividends", _dividend))
        self._splits = dict(self._events("splits", _split))
        self.has_adjustment = bool(self._dividends or self._splits)

    def records(self) -> Sequence[Record]:
        """The days that were asked for, in order; those without any price are left out."""
        times = self._result.get("timestamp") or []
        if type(times) is not list:
            message = f"The times of the chart of {self._walk.symbol} are not a list."
            raise ParseError(message)
        columns = [self._column("quote", name, len(times)) for name in _COLUMNS]
        adjusted = self._column("adjclose", "adjclose", len(times))
        found: dict[datetime, Record] = {}
        for position, at in enumerate(times):
            day = self._day(at)
            values = [amount(column[position]) for column in columns]
            if not self._walk.holds(day) or not any(value is not None for value in values):
                continue
            found[day] = (
                *("yahoo", self._walk.symbol, "1d", day),
                *values,
                None,
                is_settled(day, self._now),
                *(None, None, None, amount(adjusted[position]), None),
                self._dividends.get(day, 0.0),
                self._splits.get(day, 1.0),
            )
        return [found[day] for day in sorted(found)][: self._walk.left]

    def _column(self, block: str, name: str, length: int) -> Sequence[Any]:
        """A column; one that is missing from an empty chart is empty."""
        indicators = self._result.get("indicators")
        blocks = indicators.get(block) if type(indicators) is dict else None
        first = blocks[0] if type(blocks) is list and blocks else None
        column = first.get(name) if type(first) is dict else None
        if column is None and (length == 0 or block == "adjclose"):
            return [None] * length
        if type(column) is not list or len(column) != length:
            message = f"The chart of {self._walk.symbol} has not one {name} for each day."
            raise ParseError(message)
        return column

    def _events(self, kind: str, read: Any) -> Iterator[tuple[datetime, float]]:
        events = self._result.get("events")
        found = events.get(kind) if type(events) is dict else None
        for event in found.values() if type(found) is dict else ():
            value = read(event) if type(event) is dict else None
            if value is not None:
                yield self._day(event.get("date")), value

    def _day(self, at: Any) -> datetime:
        if type(at) is not int or abs(at) > _FARTHEST - _LONGEST_OFFSET:
            message = f"The chart of {self._walk.symbol} has a time that is none."
            raise ParseError(message)
        try:
            return EPOCH + timedelta(days=(at + self._offset) // _DAY)
        except OverflowError as exc:
            message = f"The chart of {self._walk.symbol} has a time out of range."
            raise ParseError(message) from exc


def _dividend(event: Mapping[str, Any]) -> float | None:
    return amount(event.get("amount"))


def _split(event: Mapping[str, Any]) -> float | None:
    new, old = amount(event.get("numerator")), amount(event.get("denominator"))
    return new / old if new and old else None


def _result(answer: Any, symbol: str) -> Mapping[str, Any]:
    chart = answer.get("chart") if type(answer) is dict else None
    if type(chart) is dict and type(error := chart.get("error")) is dict:
        message = f"Yahoo says of {symbol}: {(text(error.get('description')) or '?')[:200]}."
        raise ParseError(message)
    results = chart.get("result") if type(chart) is dict else None
    result = results[0] if type(results) is list and results else None
    if type(result) is not dict:
        message = f"The answer for {symbol} is not a chart."
        raise ParseError(message)
    return result
