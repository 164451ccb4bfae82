"""Formats of one row a line: csv, tsv, json, ndjson, markdown."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from adapters.catalog.formats.arrow_values import json_text, text
from adapters.catalog.formats.cells import Row, harmless
from application.ports.query_engine import Column
from application.ports.result_writer import Layout
from domain.terminal_text import printable

type RowBatches = Iterator[Sequence[Row]]

_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL")
_CSV_SPECIAL = re.compile(r'[",\r\n]')
_PIPE = re.compile(r"(\\*)\|")
_MARKDOWN_BREAKS = str.maketrans({"\n": "<br>", "\r": ""})


def write_csv(
    columns: Sequence[Column], batches: RowBatches, layout: Layout, sink: BinaryIO
) -> None:
    """RFC 4180, with line feeds; NULL is `layout.null`."""
    _write_lines(columns, batches, layout, sink, join=_csv_line, escape=_csv_cell)


def write_tsv(
    columns: Sequence[Column], batches: RowBatches, layout: Layout, sink: BinaryIO
) -> None:
    r"""Tabs, line breaks and backslashes in values are written as \t, \n, \r, \\."""
    _write_lines(columns, batches, layout, sink, join="\t".join, escape=_tsv_cell)


def write_markdown(
    columns: Sequence[Column], batches: RowBatches, layout: Layout, sink: BinaryIO
) -> None:
    """A GitHub table; always with its header."""
    numbers = [is_number(column) for column in columns]
    ruler = ["---:" if number else "---" for number in numbers]
    head = [_markdown_cell(column.name) for column in columns]
    sink.writelines(f"| {' | '.join(cells)} |\n".encode() for cells in (head, ruler))
    body = Layout(layout.format, header=False, null=layout.null)
    _write_lines(
        columns, batches, body, sink,
        join=lambda cells: f"| {' | '.join(cells)} |", escape=_markdown_cell,
    )  # fmt: skip


def write_json(
    columns: Sequence[Column], batches: RowBatches, _layout: Layout, sink: BinaryIO
) -> None:
    """One array of objects, a row a line."""
    names = _unique_names(columns)
    opening = b"["
    for batch in batches:
        for row in batch:
            sink.write(opening + b"\n" + json_text(dict(zip(names, row, strict=True))))
            opening = b","
    sink.write(b"[]\n" if opening == b"[" else b"\n]\n")


def write_ndjson(
    columns: Sequence[Column], batches: RowBatches, _layout: Layout, sink: BinaryIO
) -> None:
    """One object a line."""
    names = _unique_names(columns)
    sink.writelines(
        b"".join(json_text(dict(zip(names, row, strict=True))) + b"\n" for row in batch)
        for batch in batches
    )


def is_number(column: Column) -> bool:
    """Whether a column's values are aligned to the right."""
    return _NUMBER.match(column.type) is not None


def _write_lines(
    columns: Sequence[Column],
    batches: RowBatches,
    layout: Layout,
    sink: BinaryIO,
    *,
    join: Callable[[list[str]], str],
    escape: Callable[[str], str],
) -> None:
    if layout.header:
        sink.write((join([escape(column.name) for column in columns]) + "\n").encode())
    for batch in batches:
        lines = [
            join([layout.null if v is None else escape(text(v)) for v in row]) for row in batch
        ]
        sink.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def _csv_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _CSV_SPECIAL.search(cell) else cell


def _csv_line(cells: list[str]) -> str:
    """One empty cell is quoted, since an empty line would be no row at all."""
    return ",".join(cells) if cells != [""] else '""'


def _tsv_cell(cell: str) -> str:
    return cell.translate(_TSV)


def _markdown_cell(cell: str) -> str:
    """Backslashes before a pipe are doubled: they would free it again."""
    return printable(_PIPE.sub(r"\1\1\\|", cell.translate(_MARKDOWN_BREAKS)))


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


def cells_of(row: Row, null: str) -> list[str]:
    """A row as harmless text."""
    return [null if value is None else harmless(text(value)) for value in row]


type TextFormat = Callable[[Sequence[Column], Any, Layout, BinaryIO], None]
