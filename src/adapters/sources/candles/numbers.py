"""Numbers and times of candles."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import ParseError
from domain.requests import Response
from domain.retrying import server_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SETTLING = timedelta(seconds=5)
"""How long after its end a candle may still be counted up by its source."""

_DECIMAL = re.compile(r"\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_FARTHEST = 253_402_300_799  # the last second of the year 9999
_LARGEST = 2**63


def amount(value: Any) -> float | None:
    """A price or a volume: a number or decimal digits, finite and not negative; else None."""
    if type(value) is str:
        if not _DECIMAL.fullmatch(value):
            return None
        number = float(value)
    elif type(value) is not bool and isinstance(value, int | float):
        number = float(value) if abs(value) < _LARGEST or isinstance(value, float) else math.inf
    else:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def count(value: Any) -> int | None:
    """A number of things; None where it is none."""
    return value if type(value) is int and 0 <= value < _LARGEST else None


def moment(value: Any, unit: int) -> datetime:
    """A time in whole units since 1970, so many of which are a second.

    Raises:
        ParseError: it is none.
    """
    if type(value) is not int or not 0 <= value <= _FARTHEST * unit:
        message = "a candle does not say when it begins"
        raise ParseError(message)
    return EPOCH + timedelta(microseconds=value * 1_000_000 // unit)


def epoch(at: datetime, unit: int) -> int:
    """A time in whole units since 1970, rounded up; not before 1970."""
    return max(0, -((EPOCH - at) * unit // timedelta(seconds=1)))


def upstream_time(response: Response) -> datetime:
    """When the upstream answered, by its own clock where it says so."""
    seconds = server_time(response.headers, response.fetched_at.timestamp())
    return EPOCH + timedelta(seconds=min(max(seconds, 0.0), float(_FARTHEST)))
