"""Domain schemas as Arrow schemas."""

from typing import Any

import pyarrow as pa

from domain.schema import Field, FieldType, Kind, ListOf, Schema, StructOf

MOMENT = pa.timestamp("us", tz="UTC")
"""Of all moments in files."""

_SCALARS: dict[Kind, pa.DataType] = {
    Kind.STRING: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: MOMENT,
    Kind.DATE: pa.date32(),
}


def arrow_schema(schema: Schema) -> pa.Schema:
    """The same columns in Arrow's types; all nullable."""
    return pa.schema([_arrow_field(field) for field in schema.fields])


def arrow_type(field_type: FieldType) -> pa.DataType:
    """One type; a struct's members arrive as tuples in their order."""
    match field_type:
        case Kind():
            return _SCALARS[field_type]
        case ListOf(item):
            return pa.list_(arrow_type(item))
        case StructOf(members):
            return pa.struct([_arrow_field(member) for member in members])


def _arrow_field(field: Field) -> "pa.Field[Any]":
    return pa.field(field.name, arrow_type(field.type))
