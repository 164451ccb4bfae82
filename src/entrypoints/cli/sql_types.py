"""Types of columns in SQL's words."""

from typing import Final

from domain.schema import FieldType, Kind, ListOf, StructOf

_SCALARS: Final = {
    Kind.STRING: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
}


def sql_type(field_type: FieldType) -> str:
    """As DuckDB's DESCRIBE shows it."""
    match field_type:
        case Kind():
            return _SCALARS[field_type]
        case ListOf(item):
            return f"{sql_type(item)}[]"
        case StructOf(members):
            inside = ", ".join(f"{each.name} {sql_type(each.type)}" for each in members)
            return f"STRUCT({inside})"
