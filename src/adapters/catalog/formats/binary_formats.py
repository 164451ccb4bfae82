"""Formats that keep the types: Parquet and Arrow."""

from collections.abc import Iterable
from io import IOBase
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq


def write_parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> None:
    """One Parquet file, zstd."""
    with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=3) as writer:
        for batch in batches:
            writer.write_batch(batch)


def write_arrow(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> None:
    """An Arrow IPC stream."""
    with pyarrow.ipc.new_stream(cast(IOBase, sink), schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
