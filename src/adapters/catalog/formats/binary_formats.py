"""Formats that keep the types: Parquet and Arrow."""

from collections.abc import Iterable, Iterator
from io import IOBase
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.ipc

_ROWS = 122_880  # of a row group at least, as DuckDB reads them best; less than twice as many
_BYTES = 32 << 20  # of a row group of wide rows, so that memory stays small


def write_parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> None:
    """One Parquet file, zstd, with page checksums."""
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - 5 ms that only this format needs

    with ParquetWriter(
        sink, schema, compression="zstd", compression_level=3, write_page_checksum=True
    ) as writer:
        for rows in _row_groups(schema, batches):
            writer.write_table(rows, row_group_size=2 * _ROWS)


def write_arrow(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> None:
    """An Arrow IPC stream."""
    with pyarrow.ipc.new_stream(cast(IOBase, sink), schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def write_arrow_file(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: BinaryIO) -> None:
    """An Arrow IPC file, also known as Feather."""
    with pyarrow.ipc.new_file(cast(IOBase, sink), schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _row_groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= _ROWS or size >= _BYTES:
            yield pa.Table.from_batches(waiting, schema)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting, schema)
