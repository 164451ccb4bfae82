"""Answers of `GET /products/<id>/candles`: the newest first, and the low before the high."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.sources.candles.coinbase_walk import CoinbaseWalk
from adapters.sources.candles.numbers import EPOCH, SETTLING, amount, epoch, moment
from domain.errors import ParseError
from domain.tables import Record

_WIDTH = 6


def read_candles(answer: Any, walk: CoinbaseWalk, now: datetime) -> Sequence[Record]:
    """The candles of a window, the oldest first; the upstream adds some from before it.

    Raises:
        ParseError: the answer is not a list of candles in order.
    """
    if type(answer) is not list:
        message = f"The answer for {walk.product} is not a list of candles."
        raise ParseError(message)
    records: list[Record] = []
    step = timedelta(seconds=walk.step)
    before: int | None = None
    for row in answer:
        if type(row) is not list or len(row) < _WIDTH:
            message = f"The answer for {walk.product} holds something that is not a candle."
            raise ParseError(message)
        opened = moment(row[0], 1)
        if before is not None and row[0] >= before:
            message = f"The candles of {walk.product} are not in order."
            raise ParseError(message)
        before = row[0]
        if not walk.start <= row[0] <= walk.stop:
            continue
        low, high, first, last, volume = map(amount, row[1:_WIDTH])
        series = ("coinbase_exchange", walk.product, walk.interval, opened)
        is_final = opened + step + SETTLING <= now
        records.append((*series, first, high, low, last, volume, None, is_final))
    return records[::-1]


def known_until(walk: CoinbaseWalk, now: datetime) -> datetime | None:
    """How far a window's answer settles its series: intervals without a trade have no candle."""
    settled = epoch(now - SETTLING, 1)
    until = min(walk.stop + 1, settled) // walk.step * walk.step
    return EPOCH + timedelta(seconds=until) if until > walk.start else None
