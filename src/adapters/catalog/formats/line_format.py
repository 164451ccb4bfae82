"""One field a line, for rows that are too wide for a table."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import pyarrow as pa
from rich.cells import cell_len

from adapters.catalog.formats.arrow_values import texts
from application.ports.query_engine import Column
from application.ports.result_writer import Layout

_NULL = "NULL"
_IS = " = "


def write_line(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], layout: Layout, sink: BinaryIO
) -> None:
    """Names to the right, `=`, and the value; an empty line between rows.

    Further lines of a value stand under its first one, so that no value can pass for a field.
    """
    names = [column.name.replace("\n", "\\n") for column in columns]
    width = max(map(cell_len, names))
    heads = [" " * (width - cell_len(name)) + name + _IS for name in names]
    indent = "\n" + " " * (width + len(_IS))
    null = _NULL if layout.null is None else layout.null
    between = ""
    for batch in batches:
        rows = zip(*(texts(column).to_pylist() for column in batch.columns), strict=True)
        lines = []
        for row in rows:
            lines.append(between)
            for head, value in zip(heads, row, strict=True):
                shown = null if value is None else value.replace("\n", indent)
                lines.append(f"{head}{shown}\n")
            between = "\n"
        sink.write("".join(lines).encode())
