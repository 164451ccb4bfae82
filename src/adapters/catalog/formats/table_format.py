"""A table for people to read on a terminal."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import pyarrow as pa
from rich.cells import cell_len, set_cell_size

from adapters.catalog.formats.arrow_values import texts
from adapters.catalog.formats.column_kinds import is_number
from adapters.catalog.formats.column_widths import fitting_widths
from application.ports.query_engine import Column
from application.ports.result_writer import Layout
from domain.terminal_text import printable

_GAP = "  "
_CUT = "…"
_NULL = "NULL"
_PLAN = ["explain_key", "explain_value"]
_LONGEST_TYPE = 24
_MARKS = 4  # characters, most of them marks upon others, that one cell may hold


def write_table(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], layout: Layout, sink: BinaryIO
) -> int:
    """Aligned columns, cut to `layout.width` with `…`; the result is held in memory.

    Control characters are spelled out wherever the table goes: they would break its lines.
    A plan (EXPLAIN) is a drawing already, and is shown as it is.

    Returns:
        How many columns at the end found no room.
    """
    if [column.name for column in columns] == _PLAN:
        for batch in batches:
            sink.writelines(
                printable(f"{text}\n").encode() for text in texts(batch.column(1)).to_pylist()
            )
        return 0
    null = _NULL if layout.null is None else layout.null
    heads = [[_one_line(column.name)] for column in columns]
    if layout.types:
        for head, column in zip(heads, columns, strict=True):
            head.append(_type(column))
    cells = _cells(len(columns), batches, null, layout.width)
    needed = [
        max(map(cell_len, (*(head if layout.header else ()), *column)), default=0)
        for head, column in zip(heads, cells, strict=True)
    ]
    widths = fitting_widths(needed, layout.width, len(_GAP))
    hidden = len(needed) - len(widths)
    more = [_CUT] if hidden else []
    right = [is_number(column) for column in columns]
    lines: list[str] = []
    if layout.header:
        lines.extend(_line(row, widths, right, more) for row in zip(*heads, strict=True))
        lines.append(_GAP.join(["─" * width for width in widths] + more))
    lines.extend(_line(row, widths, right, more) for row in zip(*cells, strict=True))
    sink.write("".join(f"{line}\n" for line in lines).encode())
    return hidden


def _cells(
    count: int, batches: Iterable[pa.RecordBatch], null: str, width: int | None
) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(count)]
    for batch in batches:
        for cells, column in zip(found, batch.columns, strict=True):
            cells += [
                null if value is None else _one_line(value, width)
                for value in texts(column).to_pylist()
            ]
    return found


def _one_line(text: str, width: int | None = None) -> str:
    """Harmless text for one line: nothing in it moves the cursor; no longer than can be shown."""
    if width is not None and len(text) > width * _MARKS:
        text = text[: width * _MARKS] + _CUT
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def _type(column: Column) -> str:
    """Lower case, as DuckDB's own tables have it; the members of long ones are left out."""
    name = _one_line(column.type).lower().replace(" with time zone", "tz")
    return name if len(name) <= _LONGEST_TYPE else name[: _LONGEST_TYPE - 1] + _CUT


def _line(
    cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], more: Sequence[str]
) -> str:
    fitted = [
        _fit(cell, width, to_the_right=number)
        for cell, width, number in zip(cells, widths, right, strict=False)
    ]
    return _GAP.join([*fitted, *more]).rstrip()


def _fit(cell: str, width: int, *, to_the_right: bool) -> str:
    length = cell_len(cell)
    if length > width:
        return set_cell_size(cell, width - 1) + _CUT
    padding = " " * (width - length)
    return padding + cell if to_the_right else cell + padding
