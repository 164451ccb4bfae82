"""Types of columns in PostgreSQL."""

from domain.schema import FieldType, Kind, ListOf

_SCALARS = {
    Kind.STRING: "text",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.TIMESTAMP: "timestamptz",
    Kind.DATE: "date",
}


def postgres_type(kind: FieldType) -> str:
    """Lists of scalars are arrays; structs, and lists of anything else, are jsonb."""
    if isinstance(kind, Kind):
        return _SCALARS[kind]
    if isinstance(kind, ListOf) and isinstance(kind.item, Kind):
        return _SCALARS[kind.item] + "[]"
    return "jsonb"
