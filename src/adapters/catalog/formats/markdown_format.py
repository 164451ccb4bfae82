"""A table as GitHub reads it."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from adapters.catalog.formats.arrow_values import texts
from adapters.catalog.formats.batch_texts import batch_texts
from adapters.catalog.formats.column_kinds import is_number
from adapters.catalog.formats.row_lines import row_lines
from adapters.catalog.formats.text_bytes import may_hold
from application.ports.query_engine import Column
from application.ports.result_writer import Layout

_PIPE = re.compile(r"(\\*)\|")
_BREAK = re.compile(r"\r\n|\n|\r")
_SPECIAL = b"|\r\n"


def write_markdown(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], layout: Layout, sink: BinaryIO
) -> None:
    """Always with its header; pipes in values are escaped, line breaks become `<br>`."""
    rulers = ["---:" if is_number(column) else "---" for column in columns]
    head = [_escaped(column.name) for column in columns]
    sink.writelines(f"| {' | '.join(cells)} |\n".encode() for cells in (head, rulers))

    def text(batch: pa.RecordBatch) -> memoryview:
        pieces: list[Any] = []
        for column in batch.columns:
            pieces += (" | ", _cells(column))
        return row_lines(["| ", *pieces[1:]], layout.null or "", end=" |\n")

    sink.writelines(batch_texts(batches, text))


def _cells(column: Any) -> Any:
    cells = texts(column)
    if not may_hold(cells, _SPECIAL):
        return cells
    found = [None if cell is None else _escaped(cell) for cell in cells.to_pylist()]
    return pa.array(found, pa.string())


def _escaped(cell: str) -> str:
    """Backslashes before a pipe are doubled: they would free it again."""
    return _PIPE.sub(r"\1\1\\|", _BREAK.sub("<br>", cell))
