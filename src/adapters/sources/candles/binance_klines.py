"""Answers of `GET /api/v3/klines`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from adapters.sources.candles.binance_walk import BinanceWalk
from adapters.sources.candles.numbers import SETTLING, amount, count, moment
from domain.errors import ParseError
from domain.tables import Record

_WIDTH = 9  # members that are read
_MILLISECOND = timedelta(milliseconds=1)


class Klines(NamedTuple):
    """A page of candles.

    Attributes:
        opened: open times in epoch milliseconds, ascending.
        complete_until: the end of the last candle that will not change any more.
    """

    records: Sequence[Record]
    opened: Sequence[int]
    complete_until: datetime | None


def read_klines(answer: Any, walk: BinanceWalk, now: datetime) -> Klines:
    """The candles that a walk has asked for.

    Raises:
        ParseError: the answer is not a list of candles in order, or not of those asked for.
    """
    if type(answer) is not list:
        message = f"The answer for {walk.symbol} is not a list of candles."
        raise ParseError(message)
    records: list[Record] = []
    opened: list[int] = []
    complete_until = None
    before = walk.start - 1
    for row in answer:
        if type(row) is not list or len(row) < _WIDTH:
            message = f"The answer for {walk.symbol} holds something that is not a candle."
            raise ParseError(message)
        open_time, end = moment(row[0], 1000), moment(row[6], 1000) + _MILLISECOND
        if not before < row[0] < row[6] + 1 or (walk.end is not None and row[0] > walk.end):
            message = f"The candles of {walk.symbol} are not those asked for, or not in order."
            raise ParseError(message)
        before = row[0]
        is_final = end + SETTLING <= now
        if is_final:
            complete_until = end
        opened.append(row[0])
        prices = (amount(row[1]), amount(row[2]), amount(row[3]), amount(row[4]), amount(row[5]))
        series = ("binance", walk.symbol, walk.interval)
        records.append((*series, open_time, *prices, count(row[8]), is_final))
    return Klines(records, opened, complete_until)
