"""Tab-separated values, one row a line whatever the values hold."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from adapters.catalog.formats.arrow_values import texts
from adapters.catalog.formats.batch_texts import batch_texts
from adapters.catalog.formats.kernels import replaced
from adapters.catalog.formats.row_lines import row_lines
from adapters.catalog.formats.text_bytes import may_hold
from application.ports.query_engine import Column
from application.ports.result_writer import Layout

_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_SPECIAL = b"\\\t\n\r"


def write_tsv(
    columns: Sequence[Column], batches: Iterable[pa.RecordBatch], layout: Layout, sink: BinaryIO
) -> None:
    r"""Tabs, line breaks and backslashes are written as \t, \n, \r, \\.

    NULL is `layout.null` as it is, nothing if not said; no value reads like `\N`.
    """
    if layout.header:
        names = _escaped(pa.array([column.name for column in columns], pa.string())).to_pylist()
        sink.write(("\t".join(names) + "\n").encode())

    def text(batch: pa.RecordBatch) -> memoryview:
        cells = [_escaped(texts(column)) for column in batch.columns]
        return row_lines(cells, layout.null or "", between="\t", end="\n")

    sink.writelines(batch_texts(batches, text))


def _escaped(cells: Any) -> Any:
    if not may_hold(cells, _SPECIAL):
        return cells
    for character, spelled in _ESCAPES:
        cells = replaced(cells, character, spelled)
    return cells
