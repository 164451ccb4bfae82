"""Batches as one."""

from collections.abc import Sequence

import pyarrow as pa


def joined_batches(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """The rows of one or more batches with one schema; a copy if there are several."""
    if len(batches) == 1:
        return batches[0]
    joined: pa.RecordBatch = pa.concat_batches(batches)  # type: ignore[attr-defined]  # stubs lack it
    return joined
