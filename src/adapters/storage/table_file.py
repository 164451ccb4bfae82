"""Writes merged rows as the one file of a table that a run publishes."""

import hashlib
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.durable import storage_errors, sync_file
from adapters.storage.kernels import fill_null
from adapters.storage.newest_rows import RUN_ID
from adapters.storage.parquet_file import parquet_writer, rows_in
from adapters.storage.table_content import TableContent
from adapters.storage.table_merge import TableMerge
from domain.errors import StorageError
from domain.schema import Schema
from domain.tables import PROVENANCE

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class MergedTable:
    """What the merge found.

    Attributes:
        rows: rows in the file, counted in its footer; in the merge, where none was written.
        duplicates: staged rows that gave way to another staged row, counted by their keys.
        carried: rows of the base that stayed.
        content: digest of the rows in their order, without provenance and volatile columns.
    """

    rows: int
    duplicates: int
    carried: int = 0
    content: str = ""


def merge_unwritten(merge: TableMerge) -> MergedTable:
    """What a file of the rows would hold.

    Raises:
        StorageError: the merge or the disk failed.
    """
    return _merged(merge, lambda _: None)


def write_table_file(merge: TableMerge, path: Path, metadata: Mapping[str, str]) -> MergedTable:
    """Sort the rows, keep the newest of each key, and write them durably.

    A table without rows becomes a file without rows. The file is read-only, since its published
    name is a second name of the same bytes.

    Args:
        merge: the rows.
        path: the file.
        metadata: goes into the file's footer; its `run_id` into the run's own rows.

    Raises:
        StorageError: the merge or the disk failed, or the file does not read back whole.
    """
    schema = arrow_schema(Schema((*merge.table.schema.fields, *PROVENANCE)))
    with (
        parquet_errors("Writing", path),
        parquet_writer(path, schema.with_metadata(dict(metadata))) as writer,
    ):
        merged = _merged(
            merge,
            lambda batch: writer.write_batch(
                _with_run(batch, metadata["run_id"], schema), batch.num_rows
            ),
        )
    with parquet_errors("Verifying", path):
        path.chmod(path.stat().st_mode & ~_WRITABLE)
        sync_file(path)
        found = rows_in(path)
    if found != merged.rows:
        message = (
            f"{path} holds {found} rows, {merged.rows} were written: the disk or memory is faulty."
        )
        raise StorageError(message)
    return merged


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with storage_errors("Reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _merged(merge: TableMerge, write: Callable[[pa.RecordBatch], None]) -> MergedTable:
    """Each row group is digested in a thread while it is written, or while the next is sorted."""
    content = TableContent(merge.table.schema)
    digested: Future[None] | None = None
    rows = 0
    with ThreadPoolExecutor(1) as thread:
        for batch in merge.batches():
            rows += batch.num_rows
            if digested is not None:
                digested.result()
            digested = thread.submit(content.add, batch)
            write(batch)
            del batch  # the next one needs its memory
        if digested is not None:
            digested.result()
    return MergedTable(rows, merge.duplicates, merge.carried, content.hexdigest())


def _with_run(batch: pa.RecordBatch, run_id: str, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the run on the rows that are its own."""
    if RUN_ID in batch.schema.names:
        runs = fill_null(batch.column(RUN_ID), run_id)
    else:
        runs = pa.repeat(run_id, batch.num_rows)
    columns = [runs if name == RUN_ID else batch.column(name) for name in schema.names]
    return pa.record_batch(columns, schema=schema)
