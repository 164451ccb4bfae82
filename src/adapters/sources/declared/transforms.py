"""From JSON values to a column's values; what does not fit is null."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.sources.declared.paths import finder
from adapters.sources.json_documents import ExactNumber, flag, short_text
from domain.schema import FieldType, Kind, ListOf

type Transform = Callable[[Any], object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**63
_LONGEST_NUMBER = 64
_LONGEST_TIME = 40
_LAST = 253_402_300_799  # the last second of the year 9999


def _number(value: Any) -> float | None:
    if type(value) is str:
        try:
            number = float(value) if len(value) <= _LONGEST_NUMBER else math.nan
        except ValueError:
            return None
    elif type(value) is ExactNumber or (type(value) is int and abs(value) < _LARGEST):
        number = float(value)
    else:
        return None
    return number if math.isfinite(number) else None


def _integer(value: Any) -> int | None:
    if type(value) is str and len(value) < _LONGEST_NUMBER:
        try:
            value = int(value)
        except ValueError:
            return None
    return value if type(value) is int and -_LARGEST <= value < _LARGEST else None


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
        if type(value) is not int or abs(value) > _LAST * a_second:
            return None
        try:
            return _EPOCH + timedelta(microseconds=value * 1_000_000 // a_second)
        except OverflowError:
            return None

    return read


def _is_there(value: Any) -> bool:
    return value is not None


def _list_of(item: str) -> Transform:
    find = finder(item)

    def read(value: Any) -> list[str] | None:
        if type(value) is not list:
            return None
        found = (short_text(each if type(each) is str else find(each)) for each in value)
        return [each for each in found if each is not None]

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
