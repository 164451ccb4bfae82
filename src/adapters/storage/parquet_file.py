"""How published Parquet files are written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 122_880  # rows; what DuckDB scans in parallel


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """With zstd 3, dictionaries, page checksums and page index.

    DuckDB passes over page checksums; other readers, and the SHA-256 in the manifest, do not.
    """
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        write_page_checksum=True,
        write_page_index=True,
    )


def rows_in(path: Path) -> int:
    """Rows that the file's footer promises."""
    return pq.read_metadata(path).num_rows


def metadata_of(path: Path) -> Mapping[bytes, bytes]:
    """The key-value metadata in the file's footer."""
    return pq.read_metadata(path).metadata or {}


def join_files(sources: Sequence[Path], path: Path) -> None:
    """The rows of several files with one schema as one file."""
    with parquet_writer(path, pq.read_schema(sources[0])) as writer:
        for source in sources:
            with pq.ParquetFile(source) as file:
                for batch in file.iter_batches():
                    writer.write_batch(batch)
