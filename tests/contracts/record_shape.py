"""What a record must be to fit its table."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from domain.schema import FieldType, Kind, ListOf, StructOf
from domain.sources import Source
from domain.tables import Record


def assert_fits(source: Source, records: Mapping[str, Sequence[Record]]) -> None:
    """Every record has the width and the types of its table; the table is one of the source's."""
    for name, rows in records.items():
        fields = source.table(name).schema.fields
        for row in rows:
            assert type(row) is tuple, f"{name}: {row!r} is not a tuple"
            assert len(row) == len(fields), f"{name}: {row!r} has {len(row)} values"
            for field, value in zip(fields, row, strict=True):
                where = f"{name}.{field.name} = {value!r}"
                assert value is None or _fits(field.type, value), f"{where} is no {field.type}"


def assert_keyed(source: Source, records: Mapping[str, Iterable[Record]]) -> None:
    """Every record has its key, and no two records of a table share one."""
    for name, rows in records.items():
        table = source.table(name)
        positions = table.schema.positions(table.key)
        keys = [tuple(row[position] for position in positions) for row in rows]
        assert all(value is not None for key in keys for value in key), f"{name}: a key is null"
        assert len(set(keys)) == len(keys), f"{name}: two records share a key"


def _fits(kind: FieldType, value: object) -> bool:
    match kind:
        case Kind():
            return _SCALARS[kind](value)
        case ListOf(item):
            return isinstance(value, list | tuple) and all(
                each is None or _fits(item, each) for each in value
            )
        case StructOf(fields):
            return (
                isinstance(value, tuple)
                and len(value) == len(fields)
                and all(
                    each is None or _fits(field.type, each)
                    for field, each in zip(fields, value, strict=True)
                )
            )


def _is_unicode(value: object) -> bool:
    """Text that Arrow can encode: no halves of surrogate pairs."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


_SCALARS: dict[Kind, Callable[[object], bool]] = {
    Kind.STRING: _is_unicode,
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.INTEGER: lambda value: type(value) is int and -(2**63) <= value < 2**63,
    Kind.NUMBER: lambda value: type(value) is float and math.isfinite(value),
    Kind.TIMESTAMP: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    Kind.DATE: lambda value: type(value) is date,
}
