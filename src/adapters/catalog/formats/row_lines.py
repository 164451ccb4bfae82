"""Columns of text put together to rows of text, without a Python object for a cell."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from adapters.catalog.formats.kernels import joined
from adapters.catalog.formats.text_bytes import text_bytes

_MOST = 4 << 20  # bytes of a batch that are put together at a time


def small_batches(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in parts whose text fits into memory twice; huge cells make few rows."""
    if batch.nbytes <= _MOST or batch.num_rows <= 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from small_batches(batch.slice(0, half))
    yield from small_batches(batch.slice(half))


def row_lines(pieces: Sequence[Any], null: str, *, between: str = "", end: str) -> memoryview:
    """The rows one after the other, UTF-8.

    Args:
        pieces: columns of text, and texts that stand in each row, in the order of a row; a column
            comes last.
        null: stands for NULL.
        between: stands between two pieces.
        end: stands behind the last one.
    """
    last = joined(pieces[-1], end, null=null)
    return text_bytes(joined(*pieces[:-1], last, between=between, null=null))
