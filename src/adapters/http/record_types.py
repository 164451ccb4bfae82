"""Types of records, as msgspec checks them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from domain.schema import FieldType, Kind, ListOf, Schema, StructOf

_TYPES: dict[Kind, Any] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.NUMBER: float | int,
    Kind.BOOLEAN: bool,
    Kind.TIMESTAMP: datetime,
    Kind.DATE: date,
}


def record_type(schema: Schema) -> Any:
    """The type of a table's records: a tuple of values, any of which may be null."""
    return tuple_of(_nullable(field.type) for field in schema.fields)


def block_type(schema: Schema, common: int) -> Any:
    """The type of blocks of a table's records whose first columns say the same: both parts."""
    kinds = [_nullable(field.type) for field in schema.fields]
    return tuple_of((tuple_of(kinds[:common]), tuple_of(map(list_of, kinds[common:]))))


def list_of(item: Any) -> Any:
    """The type of lists of one type."""
    return list[item]


def tuple_of(members: Iterable[Any]) -> Any:
    """The type of tuples whose members are of these types."""
    return tuple[tuple(members)]  # type: ignore[misc]  # known at run time only


def _nullable(kind: FieldType) -> Any:
    match kind:
        case Kind():
            return _TYPES[kind] | None
        case ListOf(item):
            return list_of(_nullable(item)) | None
        case StructOf(members):
            return tuple_of(_nullable(member.type) for member in members) | None
