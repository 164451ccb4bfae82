"""Names, literals and types in SQL."""

import re

from domain.schema import FieldType, Kind, ListOf, StructOf

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_SCALARS = {
    Kind.STRING: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
}


def quoted(name: str) -> str:
    """An identifier, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal, whatever characters it holds."""
    return "'" + text.replace("'", "''") + "'"


def sql_type(field_type: FieldType) -> str:
    """The SQL name of a type, as DuckDB's DESCRIBE shows it."""
    match field_type:
        case Kind():
            return _SCALARS[field_type]
        case ListOf(item):
            return sql_type(item) + "[]"
        case StructOf(members):
            inner = ", ".join(f"{_member(each.name)} {sql_type(each.type)}" for each in members)
            return f"STRUCT({inner})"


def _member(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quoted(name)
