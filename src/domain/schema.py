"""Tables as sources declare them: fields, types, keys and order."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Scalar types; their SQL names in parentheses."""

    STRING = "string"  # VARCHAR
    INTEGER = "integer"  # BIGINT
    NUMBER = "number"  # DOUBLE
    BOOLEAN = "boolean"  # BOOLEAN
    TIMESTAMP = "timestamp"  # TIMESTAMPTZ, microseconds, UTC
    DATE = "date"  # DATE


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one type."""

    item: "FieldType"


@dataclass(frozen=True, slots=True)
class StructOf:
    """Named members; records carry them as tuples in this order."""

    members: tuple["Field", ...]


type FieldType = Kind | ListOf | StructOf


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name, type, and meaning in a sentence.

    Attributes:
        volatile: differs from one answer to the next without the thing itself having changed
            (a counter of views); left out when two versions are compared.
    """

    name: str
    type: FieldType
    meaning: str = ""
    volatile: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in order; a record is a tuple of values in the same order."""

    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(field.name for field in self.fields)

    def positions(self, names: Sequence[str]) -> tuple[int, ...]:
        """Where the named columns stand; KeyError for an unknown one."""
        index = {field.name: position for position, field in enumerate(self.fields)}
        return tuple(index[name] for name in names)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that change when a name or a type changes."""
        shape = [(f["name"], f["type"]) for f in schema_to_json(self)]
        return hashlib.sha256(json.dumps(shape).encode()).hexdigest()[:16]


def schema_to_json(schema: Schema) -> list[dict[str, Any]]:
    """The schema as JSON values, for the manifest."""
    return [_field_to_json(field) for field in schema.fields]


def schema_from_json(fields: Sequence[dict[str, Any]]) -> Schema:
    """The schema that `schema_to_json` wrote."""
    return Schema(tuple(_field_from_json(field) for field in fields))


def _field_to_json(field: Field) -> dict[str, Any]:
    value = {"name": field.name, "type": _type_to_json(field.type), "meaning": field.meaning}
    return {**value, "volatile": True} if field.volatile else value


def _field_from_json(value: dict[str, Any]) -> Field:
    return Field(
        value["name"],
        _type_from_json(value["type"]),
        value.get("meaning", ""),
        value.get("volatile", False),
    )


def _type_to_json(field_type: FieldType) -> Any:
    match field_type:
        case Kind():
            return field_type.value
        case ListOf(item):
            return {"list": _type_to_json(item)}
        case StructOf(members):
            return {"struct": [_field_to_json(member) for member in members]}


def _type_from_json(value: Any) -> FieldType:
    if isinstance(value, str):
        return Kind(value)
    if "list" in value:
        return ListOf(_type_from_json(value["list"]))
    return StructOf(tuple(_field_from_json(member) for member in value["struct"]))
