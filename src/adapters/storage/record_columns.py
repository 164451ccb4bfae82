"""Records to Arrow columns; what does not fit is told apart row by row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from adapters.storage.arrow_schema import arrow_type
from domain.expectations import QuarantinedRecord
from domain.schema import FieldType, Kind, ListOf, Schema, StructOf
from domain.tables import Record

_SURROGATES = re.compile("[\ud800-\udfff]")
_ERRORS = (pa.ArrowException, TypeError, ValueError, OverflowError, UnicodeError)


@dataclass(frozen=True, slots=True)
class ConvertedRecords:
    """Arrays in the order of the schema, and the records that do not fit it.

    Attributes:
        kept: positions of the records that the arrays hold.
    """

    columns: "list[pa.Array[Any]]"
    kept: Sequence[int]
    misfits: Sequence[QuarantinedRecord]


class RecordColumns:
    """Converts the records of one table, column by column."""

    def __init__(self, schema: Schema) -> None:
        self._fields = schema.fields
        self._types = [arrow_type(field.type) for field in schema.fields]

    def convert(self, records: Sequence[Record]) -> ConvertedRecords:
        """All records that fit; a lone surrogate becomes U+FFFD, anything else is a misfit."""
        try:
            return ConvertedRecords(self._arrays(records), range(len(records)), ())
        except _ERRORS:
            return self._one_by_one(records)

    def _arrays(self, records: Sequence[Record]) -> "list[pa.Array[Any]]":
        if not records:
            return [pa.array([], each) for each in self._types]
        return [
            _array(values, field.type, wanted)
            for values, field, wanted in zip(
                zip(*records, strict=True), self._fields, self._types, strict=True
            )
        ]

    def _one_by_one(self, records: Sequence[Record]) -> ConvertedRecords:
        kept: list[int] = []
        good: list[Record] = []
        misfits: list[QuarantinedRecord] = []
        for position, original in enumerate(records):
            record = tuple(_repaired(value) for value in original)
            reason = self._complaint(record)
            if reason is None:
                kept.append(position)
                good.append(record)
            else:
                misfits.append(QuarantinedRecord("type", reason, record))
        return ConvertedRecords(self._arrays(good), kept, misfits)

    def _complaint(self, record: Record) -> str | None:
        for value, field, wanted in zip(record, self._fields, self._types, strict=True):
            try:
                _array([value], field.type, wanted)
            except _ERRORS as error:
                return f"{field.name}: {str(error)[:200]}"
        return None


def _array(values: Sequence[object], field_type: FieldType, wanted: pa.DataType) -> "pa.Array[Any]":
    """Strict: Arrow would take an integer for a boolean's sake, or cut a float."""
    if field_type is Kind.NUMBER:
        values = [float(v) if type(v) is int else v for v in values]
    elif isinstance(field_type, ListOf | StructOf):
        values = [_with_members(value, field_type) for value in values]
    return pa.array(values, wanted)


def _with_members(value: Any, field_type: FieldType) -> Any:
    """Tuples become the mappings that Arrow builds structs from."""
    if value is None:
        return None
    match field_type:
        case ListOf(item):
            return [_with_members(each, item) for each in value]
        case StructOf(members):
            return {
                member.name: _with_members(each, member.type)
                for member, each in zip(members, value, strict=True)
            }
        case _:
            return value


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return type(value)(_repaired(each) for each in value)
    return value
