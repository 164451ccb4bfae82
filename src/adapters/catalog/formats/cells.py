"""Values of Arrow batches as Python values and as text."""

import base64
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from domain.terminal_text import printable

type Row = tuple[Any, ...]

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """The rows of a batch."""
    return zip(*(_values(column) for column in batch.columns), strict=True)


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


def harmless(value: str) -> str:
    """Text for one line of a terminal: nothing in it moves the cursor."""
    return printable(value).replace("\n", "\\n").replace("\t", "\\t")


def _values(column: "pa.Array[Any]") -> list[Any]:
    if pa.types.is_map(column.type):
        return [value if value is None else dict(value) for value in column.to_pylist()]
    if pa.types.is_interval(column.type):
        return [None if value is None else _interval(value) for value in column.to_pylist()]
    try:
        return column.to_pylist()
    except (ValueError, OverflowError):  # finer or farther than Python's dates reach
        return pc.cast(column, pa.string()).to_pylist()


def _interval(value: Any) -> str:
    """As DuckDB writes it."""
    time_part = timedelta(microseconds=value.nanoseconds // 1000)
    parts = [f"{value.months} months" * bool(value.months), f"{value.days} days" * bool(value.days)]
    return " ".join([*filter(None, parts), *([str(time_part)] if time_part else [])]) or "0 days"
