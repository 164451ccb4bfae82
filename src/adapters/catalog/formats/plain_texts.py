"""The text of whole Arrow columns, by Arrow's own kernels: a column at a time, not a cell."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from adapters.catalog.formats.kernels import call, cast, holds, joined, spliced
from adapters.catalog.formats.moments import far_date, far_time, far_timestamp

_ARROW = pa.types
_TEXT = pa.string()
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # the years 1 to 9999, in days since 1970
_DAY = 86_400  # seconds
_INFINITY = 2**63 - 1  # as DuckDB keeps it in a timestamp
_PARTS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of a second


def plain_texts(column: Any) -> Any:
    """The exact text of each value, NULL where there is none; None for types that nest.

    Numbers keep all their digits (the shortest that read back to the same number, for FLOAT and
    DOUBLE), moments are ISO 8601 with the digits of their unit, or none at whole seconds.
    """
    kind = column.type
    for takes, texts in _TEXTS:
        if takes(kind):
            return texts(column)
    return None


def _cast(column: Any) -> Any:
    return cast(column, _TEXT)


def _decoded(column: Any) -> Any:
    return cast(column.dictionary_decode(), _TEXT)


def _nulls(column: Any) -> Any:
    return pa.nulls(len(column), _TEXT)


def _floats(column: Any) -> Any:
    """Whole numbers are given their `.0`: they are not integers."""
    texts = cast(column, _TEXT)
    whole = call("equal", call("trunc", column), column)
    if not call("any", whole).as_py():
        return texts
    bare = call(
        "and", call("and", whole, call("is_finite", column)), call("invert", holds(texts, "e"))
    )
    return call("if_else", bare, joined(texts, ".0"), texts)


def _decimals(column: Any) -> Any:
    """Arrow writes small ones as 1E-10."""
    texts = cast(column, _TEXT)
    if not call("any", holds(texts, "E")).as_py():
        return texts
    return _each(column, lambda value: f"{value:f}")


def _dates(column: Any) -> Any:
    days = cast(column, pa.date32())
    numbers = cast(days, pa.int32())
    if _within(numbers, _FIRST_DAY, _LAST_DAY):
        return cast(days, _TEXT)
    return _each(numbers, far_date)


def _times(column: Any) -> Any:
    unit = column.type.unit
    numbers = cast(column, pa.int32() if unit in {"s", "ms"} else pa.int64())
    if _within(numbers, 0, _DAY * _PARTS[unit] - 1):
        return _clock(column, pa.time32("s"))
    return _each(numbers, lambda value: far_time(value, unit))


def _timestamps(column: Any) -> Any:
    unit, is_zoned = column.type.unit, column.type.tz is not None
    numbers = cast(column, pa.int64())
    second = _PARTS[unit]
    last = min((_LAST_DAY + 1) * _DAY * second, _INFINITY) - 1
    if not _within(numbers, max(_FIRST_DAY * _DAY * second, -last), last):
        return _each(numbers, lambda value: far_timestamp(value, unit, is_zoned=is_zoned))
    spaced = _clock(cast(numbers, pa.timestamp(unit)), pa.timestamp("s"))
    texts = spliced(spaced, 10, 11, "T")  # all are ASCII
    return joined(texts, "+00:00") if is_zoned else texts


def _clock(column: Any, seconds: pa.DataType) -> Any:
    """Text with a fraction of a second only where there is one."""
    floored = cast(column, seconds, safe=False)
    whole = call("equal", cast(floored, column.type), column)
    if call("all", whole).as_py() in {True, None}:
        return cast(floored, _TEXT)
    if not call("any", whole).as_py():
        return cast(column, _TEXT)
    return call("if_else", whole, cast(floored, _TEXT), cast(column, _TEXT))


def _within(numbers: Any, least: int, greatest: int) -> bool:
    smallest, largest = call("min", numbers).as_py(), call("max", numbers).as_py()
    return smallest is None or (least <= smallest and largest <= greatest)


def _each(column: Any, text: Callable[[Any], str]) -> Any:
    values = column.to_pylist()
    return pa.array([None if value is None else text(value) for value in values], _TEXT)


_TEXTS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], Any]], ...] = (
    (_ARROW.is_string, lambda column: column),
    (_ARROW.is_integer, _cast),
    (_ARROW.is_floating, _floats),
    (_ARROW.is_boolean, _cast),
    (_ARROW.is_decimal, _decimals),
    (_ARROW.is_timestamp, _timestamps),
    (_ARROW.is_date, _dates),
    (_ARROW.is_time, _times),
    (_ARROW.is_large_string, _cast),
    (_ARROW.is_string_view, _cast),
    (_ARROW.is_dictionary, _decoded),
    (_ARROW.is_null, _nulls),
)
