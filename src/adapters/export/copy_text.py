"""Rows as `COPY … FROM STDIN (FORMAT csv)` reads them."""

import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from domain.schema import FieldType, Kind, ListOf, Schema, StructOf

_NUL, _STAND_IN = "\x00", "\ufffd"
_OPTIONS = pa.csv.WriteOptions(include_header=False)


class CopyText:
    """Turns Arrow batches into CSV: NULL is nothing, an empty text is `""`.

    PostgreSQL's text has no character NUL: U+FFFD takes its place. Its JSON has no infinity and
    no NaN: they become text.

    Attributes:
        replaced: values in which NUL was replaced.
    """

    def __init__(self, schema: Schema) -> None:
        self._kinds = [field.type for field in schema.fields]
        self.replaced = 0

    def rows(self, batch: pa.RecordBatch) -> memoryview:
        """The batch as lines."""
        columns = [
            self._column(values, kind)
            for values, kind in zip(batch.columns, self._kinds, strict=True)
        ]
        sink = pa.BufferOutputStream()
        table = pa.RecordBatch.from_arrays(columns, names=[str(n) for n in range(len(columns))])
        pa.csv.write_csv(table, sink, _OPTIONS)
        return memoryview(sink.getvalue())

    def _column(self, values: Any, kind: FieldType) -> Any:
        if isinstance(kind, Kind):
            return self._text(values) if kind is Kind.STRING else values
        write = _array if isinstance(kind, ListOf) and isinstance(kind.item, Kind) else _json
        written = (
            None if value is None else write(_plain(value, kind)) for value in values.to_pylist()
        )
        return self._text(pa.array(written, pa.string()))

    def _text(self, values: Any) -> Any:
        found = pc.sum(pc.match_substring(values, _NUL)).as_py()
        if not found:
            return values
        self.replaced += found
        return pc.replace_substring(values, _NUL, _STAND_IN)


def _plain(value: Any, kind: FieldType) -> Any:
    """A nested value of Arrow as JSON has it."""
    if value is None:
        return None
    match kind:
        case ListOf(item):
            return [_plain(each, item) for each in value]
        case StructOf(members):
            return {each.name: _plain(value[each.name], each.type) for each in members}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _json(value: Any) -> str:
    """NUL stays as it is, to be counted and replaced: jsonb takes no escaped one either."""
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", _NUL)


def _array(values: Iterable[Any]) -> str:
    """PostgreSQL's form of an array: `{"a",NULL}`."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)
