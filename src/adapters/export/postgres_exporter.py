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

    def _swap(self, cursor: psycopg.Cursor[Any], name: str, made: str) -> None:
        self._check(cursor, name)  # again: the load may have taken an hour
        schema, _, table = name.partition(".")
        if _found(cursor, name) is not None:
            _copy_grants(cursor, name, made)
            _run(cursor, "drop table {}", sql.Identifier(schema, table))
        _run(
            cursor,
            "alter table {} rename to {}",
            sql.Identifier(schema, made),
            sql.Identifier(table),
        )


def _load(cursor: psycopg.Cursor[Any], table: OutgoingTable) -> tuple[str, ExportedTable]:
    """A new table with all rows; its name, which nobody else knows."""
    schema, _, name = table.name.partition(".")
    made = f"{name[:30]}_{secrets.token_hex(8)}"
    where, fields = sql.Identifier(schema, made), table.schema.fields
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(postgres_type(each.type)))
        for each in fields
    )
    _create_schema(cursor, schema)
    _run(cursor, "create table {} ({})", where, columns)
    comment = f"{table.meaning}\n\nVersion {table.version} of {table.name}. [{_MARK}]"
    _run(cursor, "comment on table {} is {}", where, sql.Literal(comment.lstrip()))
    for each in fields:
        column = sql.Identifier(schema, made, each.name)
        _run(cursor, "comment on column {} is {}", column, sql.Literal(each.meaning))
    text, rows = CopyText(table.schema), 0
    statement = sql.SQL("copy {} from stdin (format csv)").format(where)
    with table.rows() as result, cursor.copy(statement) as copy:
        for batch in result.batches():
            copy.write(text.rows(batch))
            rows += batch.num_rows
    note = f"{text.replaced} values had the character NUL; U+FFFD stands there"
    return made, ExportedTable(table.name, rows, (note,) if text.replaced else ())


def _create_schema(cursor: psycopg.Cursor[Any], schema: str) -> None:
    """Looked for first, since CREATE … IF NOT EXISTS wants the right to create also then."""
    there = "select 1 from pg_namespace where nspname = %s"
    if cursor.execute(there, (schema,)).fetchone() is None:
        _take_turn(cursor, schema)
        if cursor.execute(there, (schema,)).fetchone() is None:
            _run(cursor, "create schema {}", sql.Identifier(schema))


def _found(cursor: psycopg.Cursor[Any], name: str) -> tuple[str, str] | None:
    """Kind and comment of the relation of that name."""
    schema, _, table = name.partition(".")
    cursor.execute(
        "select relkind::text, coalesce(obj_description(pg_class.oid, 'pg_class'), '') "
        "from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
        "where nspname = %s and relname = %s",
        (schema, table),
    )
    row: tuple[str, str] | None = cursor.fetchone()
    return row


def _copy_grants(cursor: psycopg.Cursor[Any], name: str, made: str) -> None:
    schema, _, table = name.partition(".")
    cursor.execute(
        "select rolname, privilege_type, is_grantable "
        "from pg_class join pg_namespace on pg_namespace.oid = relnamespace, "
        "aclexplode(relacl) left join pg_roles on pg_roles.oid = grantee "
        "where nspname = %s and relname = %s and grantee <> relowner",
        (schema, table),
    )
    for role, privilege, is_grantable in cursor.fetchall():
        _run(
            cursor,
            "grant {} on {} to {} {}",
            sql.SQL(privilege),
            sql.Identifier(schema, made),
            sql.SQL("public") if role is None else sql.Identifier(role),
            sql.SQL("with grant option" if is_grantable else ""),
        )


def _take_turn(cursor: psycopg.Cursor[Any], name: str) -> None:
    """Exclude other exports of the same thing until the transaction ends."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{_MARK} {name}",))


def _wait_at_most(cursor: psycopg.Cursor[Any], span: str) -> None:
    cursor.execute("select set_config('lock_timeout', %s, true)", (span,))


def _run(cursor: psycopg.Cursor[Any], statement: LiteralString, *parts: sql.Composable) -> None:
    cursor.execute(sql.SQL(statement).format(*parts))
