"""A DuckDB file with tables of its own, for people who want to write to it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from application.ports.table_exporter import ExportedTable, OutgoingTable, TableExporter
from domain.errors import ExportError, UsageError
from domain.sql_names import literal, quoted

_STORAGE_VERSION = "v1.2.0"  # older clients cannot open newer ones
_MEMORY = "512MB"
_DRAFT = ".part"
_COMMITTED = 1_000_000  # rows at a time: DuckDB keeps those of a transaction in memory


class DuckDbFileExporter(TableExporter):
    """Writes beside the file and takes its place when all tables are there.

    Args:
        path: of the file.
        force: whether it may replace another file.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self._path = path.resolve()
        self._force = force

    def export(self, tables: Sequence[OutgoingTable]) -> Sequence[ExportedTable]:
        """Copy all tables, with their comments."""
        self._check()
        self._sweep()
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}{_DRAFT}")
        try:
            with _writing(self._path):
                exported = _written(draft, self._path, tables)
                _sync(draft)
                # A forgotten WAL of an older file would keep the new one from being opened.
                self._wal.unlink(missing_ok=True)
                draft.replace(self._path)
                _sync(self._path.parent)
        finally:
            for left in (draft, draft.with_name(draft.name + ".wal")):
                left.unlink(missing_ok=True)
        return exported

    @property
    def _wal(self) -> Path:
        return self._path.with_name(self._path.name + ".wal")

    def _check(self) -> None:
        if not self._path.parent.is_dir():
            message = f"-o {self._path}: there is no folder {self._path.parent}."
            raise UsageError(message)
        if self._path.is_dir():
            message = f"-o {self._path} is a folder: name a file in it."
            raise UsageError(message)
        if "?" in str(self._path) or "\\" in str(self._path):
            message = f"-o {self._path}: DuckDB opens no file with ? or a backslash in its path."
            raise UsageError(message)
        for path in (self._path, self._wal):
            if path.exists() and not self._force:
                message = f"{path} is there already. --force replaces it."
                raise UsageError(message)

    def _sweep(self) -> None:
        """Drafts of exports that were killed."""
        prefix = f".{self._path.name}."
        for each in self._path.parent.iterdir():
            pid = each.name.removeprefix(prefix).removesuffix(".wal").removesuffix(_DRAFT)
            if each.name.startswith(prefix) and _DRAFT in each.name and pid.isdigit():
                try:
                    os.kill(int(pid), 0)
                except ProcessLookupError:
                    each.unlink(missing_ok=True)
                except PermissionError:
                    continue  # somebody else's, and alive


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        message = f"{path} cannot be written: {str(error)[:300]}"
        raise ExportError(message) from error
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}."
        raise ExportError(message) from error


def _written(draft: Path, path: Path, tables: Sequence[OutgoingTable]) -> list[ExportedTable]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set temp_directory = ''")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"attach {literal(str(draft))} as made (storage_version '{_STORAGE_VERSION}')"
        )
        connection.execute("use made")
        exported = [_copied(connection, table, path) for table in tables]
        connection.execute("use memory")
        connection.execute("detach made")
    return exported


def _copied(
    connection: duckdb.DuckDBPyConnection, table: OutgoingTable, path: Path
) -> ExportedTable:
    domain, _, name = table.name.partition(".")
    where = f"{quoted(domain)}.{quoted(name)}"
    rows = 0
    with table.rows() as result:
        with _writing(path):  # here, else it would pass for an error of the query
            connection.begin()
            connection.execute(f"create schema if not exists {quoted(domain)}")
            connection.register("batch", result.arrow_schema.empty_table())
            connection.execute(f"create table {where} as from batch")
            connection.unregister("batch")
        for batch in result.batches():
            with _writing(path):
                connection.register("batch", batch)
                connection.execute(f"insert into {where} from batch")
                connection.unregister("batch")
                if rows // _COMMITTED < (rows + batch.num_rows) // _COMMITTED:
                    connection.commit()
                    connection.begin()
            rows += batch.num_rows
    connection.execute(f"comment on table {where} is {literal(table.meaning)}")
    for each in table.schema.fields:
        if each.meaning:
            column = f"{where}.{quoted(each.name)}"
            connection.execute(f"comment on column {column} is {literal(each.meaning)}")
    connection.commit()
    return ExportedTable(table.name, rows)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        with suppress(OSError):
            os.close(descriptor)
