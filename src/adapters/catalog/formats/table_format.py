"""A table for people to read on a terminal."""

from collections.abc import Sequence
from typing import BinaryIO

from rich.cells import cell_len, set_cell_size

from adapters.catalog.formats.cells import harmless
from adapters.catalog.formats.text_formats import RowBatches, cells_of, is_number
from application.ports.query_engine import Column
from application.ports.result_writer import Layout
from domain.terminal_text import printable

_GAP = "  "
_NARROWEST = 6
_WIDEST = 80
_NULL = "NULL"
_PLAN = ["explain_key", "explain_value"]


def write_table(
    columns: Sequence[Column], batches: RowBatches, layout: Layout, sink: BinaryIO
) -> None:
    """Aligned columns, cut to `layout.width` with `…`; the result is held in memory.

    A plan (EXPLAIN) is a drawing already, and is shown as it is.
    """
    if [column.name for column in columns] == _PLAN:
        for batch in batches:
            sink.writelines(printable(f"{row[1]}\n").encode() for row in batch)
        return
    lines = [cells_of(row, layout.null or _NULL) for batch in batches for row in batch]
    head = [harmless(column.name) for column in columns]
    widths = _widths([head, *lines], layout.width)
    right = [is_number(column) for column in columns]
    shown = []
    if layout.header:
        shown.append(_line(head, widths, right))
        shown.append(_GAP.join("─" * width for width in widths))
    shown.extend(_line(line, widths, right) for line in lines)
    if shown:
        sink.write(("\n".join(shown) + "\n").encode("utf-8", "replace"))


def _widths(lines: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """What each column needs; the widest give way until the line fits."""
    needed = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    if width is None:
        return needed
    widths = [min(each, _WIDEST) for each in needed]
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    fitted = [
        _fit(cell, width, to_the_right=number)
        for cell, width, number in zip(cells, widths, right, strict=True)
    ]
    return _GAP.join(fitted).rstrip()


def _fit(cell: str, width: int, *, to_the_right: bool) -> str:
    length = cell_len(cell)
    if length > width:
        return set_cell_size(cell, width - 1) + "…"
    padding = " " * (width - length)
    return padding + cell if to_the_right else cell + padding
