"""Records to Arrow columns; what does not fit is told apart value by value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from adapters.storage.arrow_schema import arrow_type
from domain.expectations import QuarantinedRecord
from domain.schema import FieldType, Kind, ListOf, Schema, StructOf
from domain.tables import Record

_SURROGATES = re.compile("[\ud800-\udfff]")
_ERRORS = (pa.ArrowException, TypeError, ValueError, OverflowError, RecursionError)
_ACCEPTED: Mapping[Kind, tuple[type, ...]] = {
    Kind.STRING: (str,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (float, int),
    Kind.BOOLEAN: (bool,),
    Kind.TIMESTAMP: (datetime,),
    Kind.DATE: (date,),
}
_TOO_WIDE: Mapping[Kind, type] = {
    Kind.INTEGER: bool,
    Kind.NUMBER: bool,
    Kind.DATE: datetime,
}
"""Subclasses in Python that mean something else."""


@dataclass(frozen=True, slots=True)
class ConvertedRecords:
    """Arrays in the order of the schema, and the records that do not fit it.

    Attributes:
        kept: positions of the records that the arrays hold.
        misfits: records that do not fit, by position.
    """

    columns: "list[pa.Array[Any]]"
    kept: Sequence[int]
    misfits: Mapping[int, QuarantinedRecord]


class RecordColumns:
    """Converts the records of one table, column by column."""

    def __init__(self, schema: Schema) -> None:
        self._fields = schema.fields
        self._types = [arrow_type(field.type) for field in schema.fields]

    def convert(self, records: Sequence[Record]) -> ConvertedRecords:
        """All records that fit; a lone surrogate becomes U+FFFD, anything else is a misfit."""
        width = len(self._fields)
        reasons: dict[int, str] = {}
        filled = records
        if {*map(len, records)} - {width}:
            reasons = {
                position: f"{len(record)} values for {width} columns"
                for position, record in enumerate(records)
                if len(record) != width
            }
            nothing = (None,) * width
            filled = [nothing if n in reasons else each for n, each in enumerate(records)]
        columns: list[pa.Array[Any]] = []
        by_column = zip(*filled, strict=True) if filled else [()] * width
        for values, field, wanted in zip(by_column, self._fields, self._types, strict=True):
            array, complaints = _column(values, field.type, wanted)
            columns.append(array)
            for position, complaint in complaints.items():
                reasons.setdefault(position, f"{field.name}: {complaint}")
        if not reasons:
            return ConvertedRecords(columns, range(len(records)), {})
        kept = [position for position in range(len(records)) if position not in reasons]
        places = pa.array(kept, pa.int64())
        misfits = {
            position: QuarantinedRecord("type", reasons[position], records[position])
            for position in sorted(reasons)
        }
        return ConvertedRecords([column.take(places) for column in columns], kept, misfits)


def repaired(value: Any) -> Any:
    """The value with each lone surrogate, which UTF-8 cannot hold, as U+FFFD."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return type(value)(repaired(each) for each in value)
    return value


def _column(
    values: Sequence[object], field_type: FieldType, wanted: pa.DataType
) -> "tuple[pa.Array[Any], dict[int, str]]":
    """An array of all values, null where one does not fit, and why it does not."""
    try:
        return _array(values, field_type, wanted), {}
    except _ERRORS:
        fitting: list[object] = []
        complaints: dict[int, str] = {}
        for position, found in enumerate(values):
            try:
                value = repaired(found)
                _array([value], field_type, wanted)
            except _ERRORS as error:
                complaints[position] = str(error)[:200]
                fitting.append(None)
            else:
                fitting.append(value)
        return _array(fitting, field_type, wanted), complaints


def _array(values: Sequence[object], field_type: FieldType, wanted: pa.DataType) -> "pa.Array[Any]":
    """Strict, where Arrow itself would cut 1.5 to 1 and take a number for a moment."""
    match field_type:
        case Kind():
            types = _check(values, field_type)
            if field_type is Kind.NUMBER and int in types:
                values = [float(v) if type(v) is int else v for v in values]
        case _:
            values = [_with_members(value, field_type) for value in values]
    return pa.array(values, wanted)


def _check(values: Sequence[object], kind: Kind) -> set[type]:
    """The types of the values; TypeError for another one than the schema says."""
    types = {*map(type, values)} - {type(None)}
    for found in types:
        too_wide = _TOO_WIDE.get(kind)
        if not issubclass(found, _ACCEPTED[kind]) or (too_wide and issubclass(found, too_wide)):
            message = f"a value of type {found.__name__} where {kind.value} belongs"
            raise TypeError(message)
    if kind is Kind.TIMESTAMP:
        for value in values:
            if isinstance(value, datetime) and value.tzinfo is None:
                message = f"{value.isoformat()} has no time zone"
                raise ValueError(message)
    return types


def _with_members(value: Any, field_type: FieldType) -> Any:
    """Tuples become the mappings that Arrow builds structs from."""
    if value is None:
        return None
    match field_type:
        case Kind():
            _check((value,), field_type)
            return float(value) if field_type is Kind.NUMBER else value
        case ListOf(item):
            return [_with_members(each, item) for each in _sequence(value)]
        case StructOf(members):
            return {
                member.name: _with_members(each, member.type)
                for member, each in zip(members, _sequence(value), strict=True)
            }


def _sequence(value: Any) -> Sequence[Any]:
    """Text is a sequence too, but never a list of its letters."""
    if not isinstance(value, list | tuple):
        message = f"a value of type {type(value).__name__} where a list belongs"
        raise TypeError(message)
    return value
