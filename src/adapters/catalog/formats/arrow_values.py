"""Arrow columns as Python values, however deep they nest."""

import base64
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import accumulate, pairwise
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from adapters.catalog.formats.moments import far_date, far_time, far_timestamp, interval

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_ARROW = pa.types


def values(column: Any) -> list[Any]:
    """One Python value for each row of an Arrow array; None is NULL.

    Maps become mappings from their keys' text, which is all that JSON has. Intervals, and moments
    finer or farther than Python's own types reach, become text.
    """
    kind = column.type
    if _ARROW.is_map(kind):
        return _maps(column)
    if _ARROW.is_struct(kind):
        return _structs(column)
    if _ARROW.is_list(kind) or _ARROW.is_large_list(kind) or _ARROW.is_fixed_size_list(kind):
        lengths = pc.list_value_length(column).to_pylist()
        ends = accumulate((length or 0 for length in lengths), initial=0)
        return _pieces(values(column.flatten()), list(ends), column, list)
    if _ARROW.is_interval(kind):
        return [None if each is None else interval(*each) for each in column.to_pylist()]
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_scalar(each) for each in column]


def text(value: Any) -> str:
    """A value that is not NULL, exactly: numbers in full, times in ISO 8601, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple | dict):
        return json_text(value).decode()
    return str(value)


def json_text(value: Any) -> bytes:
    """JSON: decimals and 64-bit integers exact, NaN as null, bytes in base64."""
    return _ENCODER.encode(value)


def _maps(column: Any) -> list[Any]:
    """The offsets are those of a slice, the keys and items those of the whole array."""
    keys = ["null" if key is None else text(key) for key in values(column.keys)]
    pairs = list(zip(keys, values(column.items), strict=True))
    return _pieces(pairs, column.offsets.to_pylist(), column, dict)


def _structs(column: Any) -> list[Any]:
    names = [member.name for member in column.type]
    members = [values(member) for member in column.flatten()]
    rows = zip(*members, strict=True) if members else [()] * len(column)
    return [
        dict(zip(names, row, strict=True)) if is_there else None
        for row, is_there in zip(rows, column.is_valid().to_pylist(), strict=True)
    ]


def _pieces(
    flat: Sequence[Any],
    ends: Sequence[int],
    column: Any,
    build: Callable[[Sequence[Any]], Any],
) -> list[Any]:
    return [
        build(flat[start:end]) if is_there else None
        for (start, end), is_there in zip(
            pairwise(ends), column.is_valid().to_pylist(), strict=True
        )
    ]


def _scalar(scalar: "pa.Scalar[Any]") -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        kind, value = scalar.type, scalar.cast(_stored(scalar.type)).as_py()
        if _ARROW.is_date(kind):
            return far_date(value)
        if _ARROW.is_time(kind):
            return far_time(value, kind.unit)
        return far_timestamp(value, kind.unit, is_zoned=kind.tz is not None)


def _stored(kind: pa.DataType) -> pa.DataType:
    """The integers that a moment is made of."""
    return pa.int32() if _ARROW.is_date32(kind) else pa.int64()
