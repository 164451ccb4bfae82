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
    if is_array(kind):
        return postgres_type(kind.item) + "[]"
    return "jsonb"


def is_array(kind: FieldType) -> bool:
    """Whether a column of the type is an array."""
    return isinstance(kind, ListOf) and isinstance(kind.item, Kind)
