"""Loads tables into a PostgreSQL database."""

import secrets
from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from adapters.export.copy_text import CopyText
from adapters.export.postgres_address import PostgresAddress
from adapters.export.postgres_errors import postgres_errors
from adapters.export.postgres_types import postgres_type
from application.ports.table_exporter import ExportedTable, OutgoingTable, TableExporter
from domain.errors import UsageError

_MARK = "automated-data-pipeline"
_TURN = "600s"  # to wait for another export of the same table
_SWAP = "30s"  # to wait for readers of the old table; new ones wait behind us meanwhile
_TABLES = {"r", "p"}  # pg_class.relkind: an ordinary and a partitioned table


class PostgresExporter(TableExporter):
    """Fills new tables by COPY and swaps them in, all in one transaction.

    Until it ends, everybody else sees the old tables; when it does not end well, or the program
    or its connection dies, the server forgets the new ones, so nothing is ever left to sweep.
    A table is ours when its comment ends with our mark; another one is replaced by force alone.
    Exports of one table wait for one another. Grants on the old table hold for the new one.

    Args:
        url: connection URI; see `PostgresAddress`.
        force: whether tables that are not ours may be replaced.

    Raises:
        UsageError: it is no connection URI.
    """

    def __init__(self, url: str, *, force: bool = False) -> None:
        self._address = PostgresAddress(url)
        self._force = force

    def export(self, tables: Sequence[OutgoingTable]) -> Sequence[ExportedTable]:
        """Load all tables; each is in the schema of its domain."""
        with (
            postgres_errors(self._address),
            psycopg.connect(**self._address.parameters) as connection,  # type: ignore[arg-type]  # its stubs want each parameter by name
            connection.cursor() as cursor,
        ):
            _wait_at_most(cursor, _TURN)
            for name in sorted(each.name for each in tables):
                _take_turn(cursor, name)
            for table in tables:
                self._check(cursor, table.name)
            loaded = [(table, *_load(cursor, table)) for table in tables]
            _wait_at_most(cursor, _SWAP)
            for table, made, _ in loaded:
                self._swap(cursor, table.name, made)
            return [exported for _, _, exported in loaded]

    def _check(self, cursor: psycopg.Cursor[Any], name: str) -> None:
        found = _found(cursor, name)
        if found is None:
            return
        kind, comment = found
        if kind not in _TABLES:
            message = f"{name} at {self._address} is no table: it is not replaced."
            raise UsageError(message)
        if not self._force and not comment.endswith(f"[{_MARK}]"):
            message = (
                f"{name} at {self._address} was not made by this program, or its comment has "
                "been changed. --force replaces it."
            )
            raise UsageError(message)

    def _swap(self, cursor: psycopg.Cursor[Any], name: str, made: sql.Identifier) -> None:
        self._check(cursor, name)
        schema, _, table = name.partition(".")
        if _found(cursor, name) is not None:
            _copy_grants(cursor, name, made)
            _run(cursor, "drop table {}", sql.Identifier(schema, table))
        _run(cursor, "alter table {} rename to {}", made, sql.Identifier(table))


def _load(
    cursor: psycopg.Cursor[Any], table: OutgoingTable
) -> tuple[sql.Identifier, ExportedTable]:
    """A new table under a name that nobody knows, with all rows."""
    schema, _, name = table.name.partition(".")
    _create_schema(cursor, schema)
    made = sql.Identifier(schema, f"{name[:30]}_{secrets.token_hex(8)}")
    fields = table.schema.fields
    columns = sql.SQL(", ").join(
        sql.SQL("{} " + postgres_type(each.type)).format(sql.Identifier(each.name))
        for each in fields
    )
    _run(cursor, "create table {} ({})", made, columns)
    meaning = f"{table.meaning}\n\nVersion {table.version} of {table.name}. [{_MARK}]"
    _run(cursor, "comment on table {} is {}", made, sql.Literal(meaning.lstrip()))
    for each in fields:
        column = sql.Identifier(*made.as_string().strip('"').split('"."'), each.name)
        _run(cursor, "comment on column {} is {}", column, sql.Literal(each.meaning or None))
    text, rows = CopyText(table.schema), 0
    statement = sql.SQL("copy {} from stdin (format csv)").format(made)
    with table.rows() as result, cursor.copy(statement) as copy:
        for batch in result.batches():
            copy.write(text.rows(batch))
            rows += batch.num_rows
    note = f"{text.replaced} values had a NUL character, which is U+FFFD there"
    return made, ExportedTable(table.name, rows, (note,) if text.replaced else ())
