"""JSON: an array of objects, or an object a line."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from adapters.catalog.formats.batch_texts import batch_texts
from adapters.catalog.formats.json_columns import json_column
from adapters.catalog.formats.row_lines import row_lines
from application.ports.query_engine import Column
from application.ports.result_writer import Layout

_NULL = "null"


def write_json(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], _layout: Layout, sink: BinaryIO
) -> None:
    """One array of objects, a row a line."""
    opening = b"["
    for rows in _objects(columns, batches, ",\n", ""):
        sink.write(opening)
        sink.write(rows[1:] if opening else rows)
        opening = b""
    sink.write(b"[]\n" if opening else b"\n]\n")


def write_ndjson(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], _layout: Layout, sink: BinaryIO
) -> None:
    """One object a line."""
    sink.writelines(_objects(columns, batches, "", "\n"))


def _objects(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], before: str, after: str
) -> Iterator[memoryview]:
    names = [msgspec.json.encode(name).decode() for name in _unique_names(columns)]
    heads = [f",{name}:" for name in names]
    heads[0] = f"{before}{{{names[0]}:"

    def text(batch: pa.RecordBatch) -> memoryview:
        pieces: list[Any] = []
        closing = ""
        for head, column, values in zip(heads, columns, batch.columns, strict=True):
            mark, texts = json_column(values, column.type)
            pieces += (closing + head + mark, texts)
            closing = mark
        return row_lines(pieces, _NULL, end=f"{closing}}}{after}")

    return batch_texts(batches, text)


def _unique_names(columns: Sequence[Column]) -> list[str]:
    """JSON objects need distinct names: the second `a` becomes `a_2`."""
    names: list[str] = []
    for column in columns:
        name, count = column.name, 1
        while name in names:
            count += 1
            name = f"{column.name}_{count}"
        names.append(name)
    return names
