"""Rows that were published before."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.kernels import cast

_BATCH = 16_384  # rows
_BYTES = 16_000_000  # about


def base_rows(paths: Sequence[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of published files, in the columns of today.

    A column that a file of another time lacks is null in its rows; what the schema no longer
    has is left out.

    Raises:
        StorageError: a file cannot be read, its checksums do not agree with it, or its values do
            not fit the types of today.
    """
    for path in paths:
        with (
            parquet_errors("Reading", path),
            pq.ParquetFile(path, page_checksum_verification=True) as file,
        ):
            footer = file.metadata
            names = [name for name in schema.names if name in file.schema_arrow.names]
            for group in range(footer.num_row_groups):
                about = footer.row_group(group)
                width = about.total_byte_size // max(1, about.num_rows) + 1
                rows = max(1, min(_BATCH, _BYTES // width))
                for batch in file.iter_batches(
                    rows, row_groups=[group], columns=names, use_threads=False
                ):
                    yield _in_columns_of(schema, batch)


def _in_columns_of(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    found = batch.schema.names
    columns = [
        cast(batch.column(field.name), field.type)
        if field.name in found
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(columns, schema=schema)
