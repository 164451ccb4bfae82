"""Lets one reading statement through, judged on its parsed tree.

A check of the statement's type is not enough: DuckDB 2.0 calls `WITH x AS (COPY …) SELECT …` a
SELECT. The tree of `json_serialize_sql` names every node.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from domain.errors import QueryError, StatementRefusedError

_TABLE_FUNCTIONS = {
    "duckdb_columns",
    "duckdb_functions",
    "duckdb_tables",
    "generate_series",
    "generate_subscripts",
    "json_each",
    "json_tree",
    "pragma_show",
    "pragma_table_info",
    "range",
    "repeat",
    "repeat_row",
    "test_all_types",
    "unnest",
}
_READING_FILES = {
    "glob",
    "parquet_metadata",
    "parquet_scan",
    "parquet_schema",
    "read_blob",
    "read_csv",
    "read_csv_auto",
    "read_json",
    "read_json_auto",
    "read_ndjson",
    "read_ndjson_auto",
    "read_parquet",
    "read_text",
    "sniff_csv",
}
_SYSTEM = re.compile(r"(duckdb|pragma|pg|sqlite)_\w+|information_schema\.views", re.IGNORECASE)
_CATALOGS = re.compile(r"(information_schema|pg_catalog)\.\w+", re.IGNORECASE)
_SYSTEM_ALLOWED = _TABLE_FUNCTIONS | {
    "duckdb_constraints",
    "duckdb_indexes",
    "duckdb_logs",
    "duckdb_schemas",
    "duckdb_types",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_database",
    "pg_description",
    "pg_enum",
    "pg_namespace",
    "pg_proc",
    "pg_tables",
    "pg_type",
}
"""Relations of the engine that tell nothing of files and settings; `pg_settings` would."""
_FUNCTIONS_REFUSED = {
    "current_setting",
    "getenv",
    "pg_get_viewdef",
    "pg_sleep",
    "sleep_ms",
    "write_log",
}
_WRITING = re.compile(
    r"(COPY|INSERT|UPDATE|DELETE|MERGE)\w*_QUERY_NODE|^(COPY|INSERT|UPDATE|DELETE)_"
)
# Possessive throughout: hostile text must not make the search go back and forth.
_COMMENT = r"(?:\s++|--[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_EXPLAIN = re.compile(
    rf"^{_COMMENT}explain\b(?!{_COMMENT}\(?{_COMMENT}analyze\b)(?:\s*+\(\s*+format\s++\w++\s*+\))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AdmittedStatement:
    """A statement that only reads.

    Attributes:
        tables: names of tables and table functions as written, path joined by dots; None when it
            may look at any table.
    """

    sql: str
    tables: frozenset[str] | None


def admit(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    *,
    macros: Collection[str] = (),
    files: bool = False,
) -> AdmittedStatement:
    """Judge a text of SQL without running any of it.

    Args:
        connection: parses it.
        sql: the text.
        macros: qualified names of table macros that may be used.
        files: functions that read files may be used; which files is not judged here.

    Raises:
        QueryError: it does not parse; DuckDB's message with its caret line.
        StatementRefusedError: it is not one reading statement.
    """
    inner = _EXPLAIN.sub("", sql)
    try:
        statements = connection.extract_statements(inner)
        kinds = [statement.type.name for statement in statements]
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    except ValueError as error:
        unknown = "this kind of statement"
        raise StatementRefusedError(unknown) from error
    if len(kinds) != 1:
        count = f"{len(kinds)} statements" if kinds else "an empty text"
        raise StatementRefusedError(count)
    (kind,) = kinds
    if kind == "MULTI":
        advice = "PIVOT without a list of values (name them with IN)"
        raise StatementRefusedError(advice)
    if kind != "SELECT":
        raise StatementRefusedError(kind)
    nodes = list(_nodes(_tree(connection, statements[0].query)))
    own = {each.lower() for name in macros for each in (name, name.partition(".")[2])}
    functions = _TABLE_FUNCTIONS | own | (_READING_FILES if files else set())
    for node in nodes:
        _judge(node, functions)
    return AdmittedStatement(sql, _tables(nodes))


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    rows = connection.execute("select json_serialize_sql($1)", [sql]).fetchall()
    try:
        tree = json.loads(rows[0][0])
    except RecursionError as error:
        message = "The statement is nested too deeply."
        raise QueryError(message) from error
    if tree.get("error"):
        raise StatementRefusedError(str(tree.get("error_message", "this statement")))
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree; a stack, since hostile SQL nests deeper than Python recurses."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _judge(node: dict[str, Any], functions: Collection[str]) -> None:
    kind = str(node.get("type", ""))
    if _WRITING.search(kind):
        raise StatementRefusedError(kind.split("_", 1)[0])
    if kind == "TABLE_FUNCTION":
        name = _called(node)
        if name not in functions:
            what = f"the table function {name}"
            raise StatementRefusedError(what)
    if kind == "BASE_TABLE":
        path = _path(node)
        if _SYSTEM.fullmatch(".".join(path[-2:])) or _SYSTEM.fullmatch(path[-1]):
            _judge_system(path[-1].lower())
    if node.get("class") == "FUNCTION":
        name = str(node.get("function_name", "")).lower()
        if name in _FUNCTIONS_REFUSED:
            what = f"the function {name}"
            raise StatementRefusedError(what)


def _judge_system(name: str) -> None:
    """A relation of the engine: it shows what the table function of the same name shows."""
    if name not in _SYSTEM_ALLOWED:
        what = f"the system table {name}"
        raise StatementRefusedError(what)


def _path(node: dict[str, Any]) -> list[str]:
    """Catalog, schema and name of a table, as far as they are written."""
    return node.get("qualified_name", {}).get("path") or [node.get("table_name", "")]


def _called(node: dict[str, Any]) -> str:
    """The table function of a node, in small letters."""
    return str(node.get("function", {}).get("function_name", "")).lower()


def _tables(nodes: list[dict[str, Any]]) -> frozenset[str] | None:
    """What the statement reads; SHOW and the catalog's own functions look at everything."""
    found: set[str] = set()
    for node in nodes:
        kind = node.get("type")
        if kind == "SHOW_REF" and not node.get("query"):
            return None
        if kind == "TABLE_FUNCTION":
            if _SYSTEM.fullmatch(_called(node)):
                return None
            schema = str(node.get("function", {}).get("schema", "")).lower()
            found.add(f"{schema}.{_called(node)}" if schema else _called(node))
        if kind == "BASE_TABLE":
            path = _path(node)
            if _CATALOGS.fullmatch(".".join(path[-2:])) or _SYSTEM.fullmatch(path[-1]):
                return None
            found.add(".".join(path))
    return frozenset(found)
