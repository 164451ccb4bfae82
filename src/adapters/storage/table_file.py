"""Merges staged parts into the one file of a table that a run publishes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.durable import UNCHANGED, storage_errors, sync_file
from adapters.storage.parquet_file import ROW_GROUP, bytes_a_row, parquet_writer, rows_in
from adapters.storage.staged_rows import StagedRows
from adapters.storage.staged_table import ORDER
from domain.errors import StorageError
from domain.schema import Schema
from domain.sql_names import literal, quoted
from domain.tables import PROVENANCE, TableSpec

_BATCH = 10_240  # rows
_BATCH_BYTES = 32_000_000
_GROUP_BYTES = 128_000_000
_MEMORY = "128MB"  # of the merge; more spills into the staging folder
_WIDE = 1_000  # bytes a row; the sort holds 100,000 rows at a time, whatever their width


@dataclass(frozen=True, slots=True)
class MergedTable:
    """What the merge found: rows in the file, and staged rows that gave way to a newer one.

    The two are counted apart, from the file's footer and from the staged keys.
    """

    rows: int
    duplicates: int


def write_table_file(
    table: TableSpec, parts: Sequence[Path], path: Path, metadata: Mapping[str, str]
) -> MergedTable:
    """Sort the parts, keep the newest row of each key, and write them durably.

    A table without rows becomes a file without rows. `metadata` (with the key `run_id`) goes
    into the file's footer.

    Raises:
        StorageError: the merge or the disk failed, or the file does not read back whole.
    """
    schema = arrow_schema(Schema((*table.schema.fields, *PROVENANCE)))
    rows = duplicates = 0
    try:
        with (
            parquet_errors("Writing", path),
            parquet_writer(path, schema.with_metadata(dict(metadata))) as writer,
        ):
            if parts:
                with _Merge(table, parts, path.parent) as merge:
                    duplicates = merge.duplicates()
                    batches = merge.batches(metadata["run_id"], unique=duplicates == 0)
                    for group in _row_groups(batches):
                        rows += group.num_rows
                        writer.write_table(group.cast(schema), row_group_size=ROW_GROUP)
    except duckdb.Error as error:
        message = f"Merging {table.name} failed: {str(error)[:500]}. {UNCHANGED}"
        raise StorageError(message) from error
    with parquet_errors("Verifying", path):
        sync_file(path)
        found = rows_in(path)
    if found != rows:
        message = f"{path} holds {found} rows, {rows} were written: the disk or memory is faulty."
        raise StorageError(message)
    return MergedTable(found, duplicates)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with storage_errors("Reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Small batches gathered into row groups: DuckDB would hold back as much again."""
    gathered: list[pa.RecordBatch] = []
    for batch in batches:
        gathered.append(batch)
        if sum(each.num_rows for each in gathered) >= ROW_GROUP:
            whole = pa.Table.from_batches(gathered)
            yield whole.slice(0, ROW_GROUP)
            gathered = whole.slice(ROW_GROUP).to_batches()
        elif sum(each.nbytes for each in gathered) >= _GROUP_BYTES:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)


class _Merge:
    """Staged parts as one DuckDB relation; memory is bounded, more spills to the disk.

    Where rows are wide, DuckDB sorts their keys alone, and the rows are gathered afterwards.
    """

    def __init__(self, table: TableSpec, parts: Sequence[Path], spill: Path) -> None:
        self._table = table
        self._key = ", ".join(quoted(name) for name in table.key)
        self._connection = duckdb.connect(":memory:")
        self._parts = parts
        self._width = max(map(bytes_a_row, parts))
        for setting in (
            f"memory_limit = '{_MEMORY}'",
            f"temp_directory = {literal(str(spill / 'spill'))}",
            "preserve_insertion_order = false",
            "threads = 1",  # each thread wants its own share of the memory
            "TimeZone = 'UTC'",
        ):
            self._connection.execute(f"set {setting}")
        paths = ", ".join(literal(str(part)) for part in parts)
        self._connection.execute(
            f"create view staged as from read_parquet([{paths}], hive_partitioning = false)"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def duplicates(self) -> int:
        """Staged rows less distinct keys."""
        ((rows, keys),) = self._connection.execute(
            "select (select count(*) from staged), "  # noqa: S608  # quoted names
            f"(select count(*) from (select {self._key} from staged group by all))"
        ).fetchall()
        return int(rows) - int(keys)

    def batches(self, run_id: str, *, unique: bool) -> Iterator[pa.RecordBatch]:
        """Rows in the published order."""
        run_column, moment = (field.name for field in PROVENANCE)
        names = [field.name for field in self._table.schema.fields]
        newest = (
            f"qualify row_number() over (partition by {self._key} "
            f"order by {quoted(moment)} desc, {ORDER} desc) = 1"
        )
        order = ", ".join(f"{quoted(name)} nulls first" for name in self._table.order)
        rest = f"from staged {'' if unique else newest} order by {order}"
        if self._width > _WIDE:
            rows = StagedRows(self._parts)
            for numbers in self._batches(f"select {ORDER} {rest}", self._wide_batch):
                found = rows.take(numbers.to_pydict()[ORDER])
                run = pa.repeat(run_id, found.num_rows)
                columns = [*(found[name] for name in names), run, found[moment]]
                named = pa.table(columns, [*names, run_column, moment])
                yield from named.combine_chunks().to_batches()
        else:
            columns_sql = ", ".join(map(quoted, names))
            yield from self._batches(
                f"select {columns_sql}, {literal(run_id)} as {quoted(run_column)}, "
                f"{quoted(moment)} {rest}",
                _BATCH,
            )

    def _batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """The answer, at most so many rows at a time."""
        for batch in self._connection.sql(sql).to_arrow_reader(rows):
            for start in range(0, batch.num_rows, rows):
                yield batch.slice(start, rows)

    @property
    def _wide_batch(self) -> int:
        return max(1, min(_BATCH, _BATCH_BYTES // self._width))
