"""Batches as one."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from adapters.storage.kernels import Column, take


def joined_batches(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """The rows of one or more batches with one schema; a copy if there are several."""
    if len(batches) == 1:
        return batches[0]
    joined: pa.RecordBatch = pa.concat_batches(batches)  # type: ignore[attr-defined]  # stubs lack it
    return joined


def joined_columns(batches: Sequence[pa.RecordBatch], names: Sequence[str]) -> list[Column]:
    """Some columns of all rows."""
    return [_joined([batch.column(name) for batch in batches]) for name in names]


def taken_rows(batches: list[pa.RecordBatch], places: Column) -> pa.RecordBatch:
    """The rows at places, counted over all batches; the list is emptied.

    A column is let go once it is read, so that memory holds little more than the rows once.
    """
    schema = batches[0].schema
    columns = [[batch.column(at) for batch in batches] for at in range(len(schema))]
    batches.clear()
    columns.reverse()
    return pa.record_batch([take(_joined(columns.pop()), places) for _ in schema], schema=schema)


def _joined(parts: "Sequence[pa.Array[Any]]") -> Column:
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)
