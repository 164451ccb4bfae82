"""Merges staged rows into the one file of a table that a run publishes."""

import hashlib
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.arrow_stream import ArrowStream
from adapters.storage.base_rows import base_rows
from adapters.storage.durable import storage_errors, sync_file
from adapters.storage.joined_batches import joined_columns, taken_rows
from adapters.storage.kernels import drop_null, fill_null, sort_places
from adapters.storage.key_ranges import key_ranges
from adapters.storage.newest_rows import RUN_ID, NewestRows, newest_rows
from adapters.storage.parquet_file import parquet_writer, rows_in
from adapters.storage.sort_codes import sort_codes
from adapters.storage.table_content import TableContent
from domain.errors import StorageError
from domain.schema import Schema
from domain.tables import PROVENANCE, TableSpec

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class MergedTable:
    """What the merge found.

    Attributes:
        rows: rows in the file, counted in its footer.
        duplicates: staged rows that gave way to another staged row, counted by their keys.
        carried: rows of the base that stayed.
        content: digest of the rows in their order, without provenance and volatile columns.
    """

    rows: int
    duplicates: int
    carried: int = 0
    content: str = ""


def write_table_file(
    table: TableSpec,
    staged: ArrowStream,
    base: Sequence[Path],
    path: Path,
    metadata: Mapping[str, str],
) -> MergedTable:
    """Sort the rows, keep the newest of each key, and write them durably.

    A table without rows becomes a file without rows. The file is read-only, since its published
    name is a second name of the same bytes.

    Args:
        table: the table.
        staged: the run's own rows; they replace rows of the base that have the same key.
        base: published files that the run builds upon; their rows keep their provenance.
        path: the file; its folder takes what does not fit into the memory meanwhile.
        metadata: goes into the file's footer; its `run_id` into the run's own rows.

    Raises:
        StorageError: the merge or the disk failed, or the file does not read back whole.
    """
    schema = arrow_schema(Schema((*table.schema.fields, *PROVENANCE)))
    merge = _Merge(table, staged, base, path.parent)
    content = TableContent(table.schema)
    rows = 0
    with (
        parquet_errors("Writing", path),
        parquet_writer(path, schema.with_metadata(dict(metadata))) as writer,
    ):
        for batch in merge.batches():
            rows += batch.num_rows
            content.add(batch)
            writer.write_batch(_with_run(batch, metadata["run_id"], schema), batch.num_rows)
            del batch  # the next one needs its memory
    with parquet_errors("Verifying", path):
        path.chmod(path.stat().st_mode & ~_WRITABLE)
        sync_file(path)
        found = rows_in(path)
    if found != rows:
        message = f"{path} holds {found} rows, {rows} were written: the disk or memory is faulty."
        raise StorageError(message)
    return MergedTable(found, merge.duplicates, merge.carried, content.hexdigest())


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with storage_errors("Reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _with_run(batch: pa.RecordBatch, run_id: str, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the run on the rows that are its own."""
    if RUN_ID in batch.schema.names:
        runs = fill_null(batch.column(RUN_ID), run_id)
    else:
        runs = pa.repeat(run_id, batch.num_rows)
    columns = [runs if name == RUN_ID else batch.column(name) for name in schema.names]
    return pa.record_batch(columns, schema=schema)


class _Merge:
    """Rows in the published order, the newest of each key.

    Attributes:
        duplicates, carried: as in `MergedTable`, complete after the last batch.
    """

    def __init__(
        self, table: TableSpec, staged: ArrowStream, base: Sequence[Path], folder: Path
    ) -> None:
        self._table = table
        self._staged = staged
        self._base = base
        self._spill = folder / "spill"
        self.duplicates = self.carried = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of one row group after another."""
        order = tuple(dict.fromkeys((*self._table.order, *self._table.key)))
        if len(order) == len(self._table.key):
            yield from self._newest(order)
        else:  # rows with one key may stand far apart in the published order
            yield from self._in_order(order)

    def _newest(self, by: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batches in key_ranges(self._read, by, self._spill):
            yield self._counted(newest_rows(batches, by))

    def _counted(self, found: NewestRows) -> pa.RecordBatch:
        self.duplicates += found.duplicates
        if self._base:
            self.carried += len(drop_null(found.rows.column(RUN_ID)))
        return found.rows

    def _in_order(self, order: Sequence[str]) -> Iterator[pa.RecordBatch]:
        newest: ArrowStream | None = None
        for batch in self._newest(self._table.key):
            newest = newest or ArrowStream(self._spill.with_suffix(".arrows"), batch.schema)
            newest.append(batch)
        if newest:
            for batches in key_ranges(newest.batches, order, self._spill):
                rows = sum(batch.num_rows for batch in batches)
                codes = sort_codes(joined_columns(batches, order), rows)
                yield taken_rows(batches, sort_places(codes))
            newest.remove()

    def _read(self) -> Iterator[pa.RecordBatch]:
        """The base, then what was staged; a staged row has no run yet."""
        if not self._base:
            yield from self._staged.batches()
            return
        schema = self._staged.schema.append(pa.field(RUN_ID, pa.string()))
        yield from base_rows(self._base, schema)
        for batch in self._staged.batches():
            no_run = pa.nulls(batch.num_rows, pa.string())
            yield pa.record_batch([*batch.columns, no_run], schema=schema)
