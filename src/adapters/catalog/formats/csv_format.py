"""Comma-separated values, RFC 4180 with line feeds."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from adapters.catalog.formats.arrow_values import texts
from adapters.catalog.formats.batch_texts import batch_texts
from adapters.catalog.formats.kernels import call, joined, matches, replaced
from adapters.catalog.formats.row_lines import row_lines
from adapters.catalog.formats.text_bytes import may_hold
from application.ports.query_engine import Column
from application.ports.result_writer import Layout
from domain.errors import UsageError

_SPECIAL = '[",\r\n]'
_SPECIAL_BYTES = b'",\r\n'
_NEEDS_QUOTES = re.compile(_SPECIAL)
_EMPTY = '""'


def write_csv(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], layout: Layout, sink: BinaryIO
) -> None:
    """NULL is `layout.null`, nothing if not said; a text that reads the same is quoted.

    Raises:
        UsageError: `layout.null` would have to be quoted itself.
    """
    null = layout.null or ""
    if _NEEDS_QUOTES.search(null):
        message = f"{null!r} cannot stand for NULL in csv: it would have to be quoted like a text."
        raise UsageError(message)
    if layout.header:
        sink.write((",".join(_quoted(column.name) or _EMPTY for column in columns) + "\n").encode())
    word = _EMPTY if len(columns) == 1 and not null else null  # an empty line would be no row

    def text(batch: pa.RecordBatch) -> memoryview:
        cells = [_cells(column, null) for column in batch.columns]
        return row_lines(cells, word, between=",", end="\n")

    sink.writelines(batch_texts(batches, text))


def _cells(column: Any, null: str) -> Any:
    cells = texts(column)
    if not (_may_hold_words(column.type, null) and _may_be_special(cells, null)):
        return cells
    special = call("or", matches(cells, _SPECIAL), call("equal", cells, pa.scalar(null)))
    if not call("any", special).as_py():
        return cells
    doubled = replaced(cells, '"', '""')
    return call("if_else", special, joined('"', doubled, '"'), cells)


def _may_be_special(cells: Any, null: str) -> bool:
    if null:
        return True
    shortest = call("min", call("binary_length", cells)).as_py()
    return shortest == 0 or may_hold(cells, _SPECIAL_BYTES)


def _may_hold_words(kind: pa.DataType, null: str) -> bool:
    """Numbers and moments need no look, unless NULL is written like one."""
    plain = pa.types.is_primitive(kind) and not pa.types.is_interval(kind)
    return bool(null) or not (plain or pa.types.is_decimal(kind))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell
