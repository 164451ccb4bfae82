"""The companies of the sandbox, and the days on which they were traded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from entrypoints.sandbox.made_up_candles import candle
from entrypoints.sandbox.made_up_numbers import fraction

LISTED = date(2020, 1, 2)
_HOLIDAYS = frozenset({(1, 1), (6, 19), (7, 4), (12, 25)})
_FIRST_WEEKEND_DAY = 5
_DIVIDEND_DAYS = frozenset({(2, 9), (5, 11), (8, 10), (11, 9)})
_OPENS, _CLOSES = 14.5 * 3600, 21 * 3600  # seconds of the day, UTC


@dataclass(frozen=True, slots=True)
class Company:
    """A company with one stock."""

    ticker: str
    name: str
    cik: int
    price: float
    dividend: float
    split: date | None = None


COMPANIES = {
    each.ticker: each
    for each in (
        Company("AAPL", "Apple Inc.", 320193, 200.0, 0.25, date(2023, 6, 12)),
        Company("MSFT", "MICROSOFT CORP", 789019, 400.0, 0.75),
        Company("TSLA", "Tesla, Inc.", 1318605, 250.0, 0.0),
        Company("BRK-B", "BERKSHIRE HATHAWAY INC", 1067983, 450.0, 0.0),
    )
}


@dataclass(frozen=True, slots=True)
class TradingDay:
    """Prices of a day as they were paid, and the factor that adjusts them."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    dividend: float
    split: float
    factor: float


def trading_days(company: Company, now: float) -> list[TradingDay]:
    """All days up to now, the adjusted prices as they are seen from now."""
    found: list[TradingDay] = []
    factor = 1.0
    for day in reversed([*_open_days(now)]):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        begin, end = midnight + _OPENS, midnight + _CLOSES
        shares = 4.0 if company.split and day < company.split else 1.0
        made = candle(company.ticker, company.price * shares, begin, end, now)
        pays = company.dividend if (day.month, day.day) in _DIVIDEND_DAYS else 0.0
        split = 4.0 if day == company.split else 1.0
        volume = int(1e6 * (1 + 9 * fraction(company.ticker, day)))
        found.append(
            TradingDay(
                day=day,
                open=round(made.open, 2),
                high=round(made.high, 2),
                low=round(made.low, 2),
                close=round(made.close, 2),
                volume=volume,
                dividend=pays,
                split=split,
                factor=factor,
            )
        )
        factor *= (1 - pays / made.close) / split
    return found[::-1]


def _open_days(now: float) -> Iterator[date]:
    day = LISTED
    while datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + _OPENS < now:
        if day.weekday() < _FIRST_WEEKEND_DAY and (day.month, day.day) not in _HOLIDAYS:
            yield day
        day += timedelta(days=1)
