"""Candles that are the same each time; the running one grows until its interval is over."""

from dataclasses import dataclass

from entrypoints.sandbox.made_up_numbers import fraction, level

_PER_MINUTE = 0.9  # of the base volume
_PER_TRADE = 40.0  # of the quote currency


@dataclass(frozen=True, slots=True)
class Candle:
    """One interval of a market.

    Attributes:
        begin, end: epoch seconds.
    """

    begin: float
    end: float
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int


def candle(series: str, price: float, begin: float, end: float, now: float) -> Candle:
    """The candle of a market that trades around `price`, as it stands at `now`."""
    until = min(end, max(now, begin))
    first, last = price * level(series, begin), price * level(series, until)
    spread = 0.004 * min(1.0, (end - begin) / 86_400)
    high = max(first, last) * (1 + spread * fraction(series, begin, "high"))
    low = min(first, last) * (1 - spread * fraction(series, begin, "low"))
    share = 0.5 + fraction(series, begin, "volume")
    volume = share * _PER_MINUTE * (until - begin) / 60
    return Candle(begin, end, first, high, low, last, volume, int(volume * price / _PER_TRADE))
