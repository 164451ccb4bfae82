"""Merges staged parts into the one file of a table that a run publishes."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.durable import storage_errors, sync_file
from adapters.storage.staged_table import ORDER
from domain.errors import StorageError
from domain.schema import Schema
from domain.sql_names import quoted
from domain.tables import PROVENANCE, TableSpec

_ROW_GROUP = 122_880  # what DuckDB scans in parallel
_BATCH = 10_240
_MEMORY = "128MB"  # of the merge; more spills into the staging folder


def write_table_file(
    table: TableSpec, parts: Sequence[Path], path: Path, run_id: str, source: str
) -> int:
    """Sort the parts, keep the newest row of each key, and write them durably.

    Returns:
        Rows written; an empty file with the schema when there are none.

    Raises:
        StorageError: the merge or the disk failed, or the file does not read back whole.
    """
    schema = arrow_schema(Schema((*table.schema.fields, *PROVENANCE)))
    metadata = {"run_id": run_id, "source": source, "schema": table.schema.fingerprint}
    rows = 0
    try:
        with (
            storage_errors("Writing", path),
            pq.ParquetWriter(
                path,
                schema.with_metadata(metadata),
                compression="zstd",
                compression_level=3,
                write_page_checksum=True,
                write_page_index=True,
            ) as writer,
        ):
            for group in _row_groups(table, parts, path.parent, run_id) if parts else ():
                rows += group.num_rows
                writer.write_table(group.cast(schema), row_group_size=_ROW_GROUP)
    except (duckdb.Error, pa.ArrowException) as error:
        message = f"Merging {table.name} failed: {str(error)[:500]}"
        raise StorageError(message) from error
    with storage_errors("Verifying", path):
        sync_file(path)
        found = pq.read_metadata(path).num_rows
    if found != rows:
        message = f"{path} holds {found} rows, {rows} were written: the disk or memory is faulty."
        raise StorageError(message)
    return rows


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with storage_errors("Reading", path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row_groups(
    table: TableSpec, parts: Sequence[Path], spill: Path, run_id: str
) -> Iterator[pa.Table]:
    """Small batches gathered into row groups: DuckDB would hold back as much again."""
    gathered: list[pa.RecordBatch] = []
    for batch in _merged(table, parts, spill, run_id):
        gathered.append(batch)
        if sum(each.num_rows for each in gathered) >= _ROW_GROUP:
            whole = pa.Table.from_batches(gathered)
            yield whole.slice(0, _ROW_GROUP)
            gathered = whole.slice(_ROW_GROUP).to_batches()
    if gathered:
        yield pa.Table.from_batches(gathered)


def _merged(
    table: TableSpec, parts: Sequence[Path], spill: Path, run_id: str
) -> Iterator[pa.RecordBatch]:
    key = ", ".join(quoted(name) for name in table.key)
    order = ", ".join(f"{quoted(name)} nulls first" for name in table.order)
    columns = ", ".join(quoted(field.name) for field in table.schema.fields)
    run_column, moment = (quoted(field.name) for field in PROVENANCE)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set temp_directory = $1", [str(spill / "spill")])
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set threads = 1")  # each thread wants its own share of the memory
        connection.execute("set TimeZone = 'UTC'")
        staged = connection.read_parquet([str(part) for part in parts])
        connection.register("staged", staged)
        newest = f"row_number() over (partition by {key} order by {moment} desc, {ORDER} desc) = 1"
        relation = connection.sql(
            f"select {columns}, $run as {run_column}, {moment} from staged "  # noqa: S608  # quoted names
            f"{'qualify ' + newest if _has_duplicates(connection, key) else ''} order by {order}",
            params={"run": run_id},
        )
        yield from relation.to_arrow_reader(_BATCH)


def _has_duplicates(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    found = connection.execute(
        f"select count(*) > count(distinct ({key},)) from staged"  # noqa: S608  # quoted names
    ).fetchall()
    return bool(found[0][0])
