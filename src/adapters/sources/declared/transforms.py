"""From JSON values to a column's values; None for what does not fit."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.sources.declared.paths import finder
from adapters.sources.json_documents import ExactNumber, flag, short_text
from domain.schema import FieldType, Kind, ListOf

type Transform = Callable[[Any], object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63
_DIGITS = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_NUMBER = 64
_LONGEST_TIME = 40
_LAST = 253_402_300_799  # the last second of the year 9999


def _number(value: Any) -> float | None:
    digits = type(value) is str and len(value) < _LONGEST_NUMBER and _DIGITS.fullmatch(value)
    if not digits and type(value) not in (int, ExactNumber):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _integer(value: Any) -> int | None:
    """Whole numbers in any spelling: 26, 26.0 and "26" are the same."""
    if type(value) is int:
        return value if -_LARGEST <= value < _LARGEST else None
    number = _decimal(value)
    if number is None or abs(number) >= _LARGEST or number != number.to_integral_value():
        return None
    return int(number)


def _decimal(value: Any) -> Decimal | None:
    """A number with a fraction, or digits in a text, to the last digit."""
    text = value.text if type(value) is ExactNumber else value
    if type(text) is not str or len(text) >= _LONGEST_NUMBER or not _DIGITS.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _iso_time(value: Any) -> datetime | None:
    if type(value) is not str or len(value) > _LONGEST_TIME:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso_date(value: Any) -> date | None:
    at = _iso_time(value)
    return None if at is None else at.date()


def _since_epoch(a_second: int) -> Transform:
    def read(value: Any) -> datetime | None:
        if type(value) is int and abs(value) <= _LAST * a_second:
            return _EPOCH + timedelta(microseconds=value * 1_000_000 // a_second)
        number = _decimal(value)
        if number is None or abs(number) > _LAST * a_second:
            return None
        return _EPOCH + timedelta(microseconds=math.floor(number * 1_000_000 / a_second))

    return read


def _is_there(value: Any) -> bool:
    return value is not None


def _list_of(item: str) -> Transform:
    find = finder(item)

    def read(value: Any) -> list[str] | None:
        if type(value) is not list:
            return None
        members = [find(each) if type(each) in (dict, list) else each for each in value]
        there = [each for each in members if each is not None and each != ""]
        texts = [each for each in map(short_text, there) if each is not None]
        return texts if len(texts) == len(there) else None

    return read


_TRANSFORMS: dict[str, tuple[Transform, FieldType]] = {
    "text": (short_text, Kind.STRING),
    "integer": (_integer, Kind.INTEGER),
    "number": (_number, Kind.NUMBER),
    "boolean": (flag, Kind.BOOLEAN),
    "present": (_is_there, Kind.BOOLEAN),
    "time": (_iso_time, Kind.TIMESTAMP),
    "epoch_s": (_since_epoch(1), Kind.TIMESTAMP),
    "epoch_ms": (_since_epoch(1000), Kind.TIMESTAMP),
    "date": (_iso_date, Kind.DATE),
}
TYPES = (*_TRANSFORMS, "texts")
"""What the `type` of a column may be."""


def transform(name: str, item: str) -> tuple[Transform, FieldType]:
    """How a column's values are read, and the column's type; `item` is the path in `texts`."""
    return (_list_of(item), ListOf(Kind.STRING)) if name == "texts" else _TRANSFORMS[name]
