"""Records to Arrow columns; what does not fit is told apart value by value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from types import NoneType
from typing import Any

import msgspec
import pyarrow as pa

from adapters.storage.arrow_schema import arrow_type
from adapters.storage.kernels import call, take
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.record_block import RecordBlock
from domain.schema import FieldType, Kind, ListOf, Schema, StructOf
from domain.tables import Record, TableSpec

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
_TEXT = {str}
_QUICKLY: Mapping[FieldType, Sequence[tuple[Any, set[type]]]] = {
    Kind.STRING: ((list[str], {str}), (list[str | None], {str, NoneType})),
    Kind.INTEGER: ((list[int], {int}), (list[int | None], {int, NoneType})),
}
_TOO_WIDE: Mapping[Kind, type] = {
    Kind.INTEGER: bool,
    Kind.NUMBER: bool,
    Kind.DATE: datetime,
}
"""Subclasses in Python that mean something else."""


@dataclass(frozen=True, slots=True)
class ConvertedRecords:
    """Arrays in the order of the schema, and the records that are kept out of them.

    Attributes:
        kept: positions of the records that the arrays hold.
        misfits: records that break an expectation or do not fit the schema, by position.
    """

    columns: "list[pa.Array[Any]]"
    kept: Sequence[int]
    misfits: Mapping[int, QuarantinedRecord]


class RecordColumns:
    """Converts the records of one table, column by column."""

    def __init__(self, schema: Schema, checker: RecordChecker | None = None) -> None:
        self._fields = schema.fields
        self._types = [arrow_type(field.type) for field in self._fields]
        self._nothing = (None,) * len(self._fields)
        self._checker = checker or RecordChecker(TableSpec("", schema, key=()))

    def convert(self, records: Sequence[Record]) -> ConvertedRecords:
        """All good records; a lone surrogate becomes U+FFFD, anything else is a misfit."""
        columns, types = self._by_column(records)
        misfits: dict[int, QuarantinedRecord] = {}
        if columns is None or not self._checker.are_good(columns, types):
            misfits = self._refused(records)
            left = [self._nothing if n in misfits else each for n, each in enumerate(records)]
            columns, types = self._by_column(left)
        arrays: list[pa.Array[Any]] = []
        described = zip(columns or (), types, self._fields, self._types, strict=True)
        for values, found, field, wanted in described:
            array, complaints = _column(values, found, field.type, wanted)
            arrays.append(array)
            for at, complaint in complaints.items():
                reason = f"{field.name}: {complaint}"
                misfits.setdefault(at, QuarantinedRecord("type", reason, records[at]))
        if not misfits:
            return ConvertedRecords(arrays, range(len(records)), {})
        kept = [position for position in range(len(records)) if position not in misfits]
        places = pa.array(kept, pa.int64())
        return ConvertedRecords(
            [take(array, places) for array in arrays], kept, dict(sorted(misfits.items()))
        )

    def convert_blocks(
        self, blocks: Sequence[RecordBlock], ends: Sequence[int]
    ) -> ConvertedRecords:
        """The same for the records of blocks, in their order.

        Args:
            blocks: at least one, each with records.
            ends: how many records there are up to the end of each.
        """
        try:
            arrays = self._joined(blocks, ends)
        except _ERRORS:
            return self.convert([*chain.from_iterable(blocks)])
        return ConvertedRecords(arrays, range(len(arrays[0])), {})

    def _joined(self, blocks: Sequence[RecordBlock], ends: Sequence[int]) -> "list[pa.Array[Any]]":
        """All columns; an error where anything is to be kept out or repaired."""
        common = [*zip(*[block.common for block in blocks], strict=True)]
        further = [
            [*chain.from_iterable(pieces)]
            for pieces in zip(*[block.columns for block in blocks], strict=True)
        ]
        columns = [*common, *further]
        types = self._types_of(columns)
        if not self._checker.are_good(columns, types):
            message = "a record breaks an expectation"
            raise ValueError(message)
        described = zip(columns, types, self._fields, self._types, strict=True)
        arrays: list[pa.Array[Any]] = []
        for values, found, field, wanted in described:
            shared = len(arrays) < len(common)
            if shared and _is_one_text(values, found):
                arrays.append(_one_text(values[0], ends[-1], wanted))
                continue
            array = _array(values, found, field.type, wanted)
            arrays.append(repeated(array, ends) if shared else array)
        return arrays

    def _by_column(
        self, records: Sequence[Record]
    ) -> tuple[Sequence[Sequence[object]] | None, Sequence[set[type]]]:
        """The values and their types; None where the records are not as wide as the table."""
        if {*map(len, records)} - {len(self._nothing)}:
            return None, ()
        columns = [*zip(*records, strict=True)] or [()] * len(self._nothing)
        return columns, self._types_of(columns)

    def _types_of(self, columns: Sequence[Sequence[object]]) -> Sequence[set[type]]:
        """At least those of the values of each column."""
        pairs = zip(columns, self._fields, strict=True)
        return [_types(values, field.type) for values, field in pairs]

    def _refused(self, records: Sequence[Record]) -> dict[int, QuarantinedRecord]:
        return {
            position: complaint
            for position, record in enumerate(records)
            if (complaint := self._checker.complaint(record))
        }


def repeated(values: "pa.Array[Any]", ends: Sequence[int]) -> "pa.Array[Any]":
    """Each value for the rows up to its end."""
    runs: pa.Array[Any] = pa.RunEndEncodedArray.from_arrays(pa.array(ends, pa.int32()), values)
    decoded: pa.Array[Any] = call("run_end_decode", runs)
    return decoded


def repaired(value: Any) -> Any:
    """The value with each lone surrogate, which UTF-8 cannot hold, as U+FFFD."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return type(value)(repaired(each) for each in value)
    return value


def _types(values: Sequence[object], field_type: FieldType) -> set[type]:
    """At least those of the values; msgspec tells the usual ones in a third of the time."""
    for wanted, found in _QUICKLY.get(field_type, ()) if values else ():
        try:
            msgspec.convert(values, wanted)
        except ValueError:  # of msgspec, also about half characters in its own message
            continue
        return found
    return {*map(type, values)}


def _column(
    values: Sequence[object], types: set[type], field_type: FieldType, wanted: pa.DataType
) -> "tuple[pa.Array[Any], dict[int, str]]":
    """An array of all values, null where one does not fit, and why it does not."""
    try:
        return _array(values, types, field_type, wanted), {}
    except _ERRORS:
        fitting: list[object] = []
        complaints: dict[int, str] = {}
        for position, found in enumerate(values):
            try:
                value = repaired(found)
                _array([value], {type(value)}, field_type, wanted)
            except _ERRORS as error:
                complaints[position] = str(error)[:200]
                fitting.append(None)
            else:
                fitting.append(value)
        return _array(fitting, {*map(type, fitting)}, field_type, wanted), complaints


def _array(
    values: Sequence[object], types: set[type], field_type: FieldType, wanted: pa.DataType
) -> "pa.Array[Any]":
    """Strict, where Arrow itself would cut 1.5 to 1 and take a number for a moment."""
    match field_type:
        case Kind():
            _check(values, types, field_type)
            if _is_one_text(values, types):
                return _one_text(values[0], len(values), wanted)
            if field_type is Kind.NUMBER and int in types:
                values = [float(v) if type(v) is int else v for v in values]
        case _:
            values = [_with_members(value, field_type) for value in values]
    return pa.array(values, wanted)


def _is_one_text(values: Sequence[object], types: set[type]) -> bool:
    if types != _TEXT or values[0] != values[-1]:
        return False
    return values.count(values[0]) == len(values)


def _one_text(value: object, times: int, wanted: pa.DataType) -> "pa.Array[Any]":
    one: Any = pa.scalar(value, wanted)
    column: pa.Array[Any] = pa.repeat(one, times)
    return column


def _check(values: Sequence[object], types: set[type], kind: Kind) -> None:
    """TypeError for a value of another type than the schema says."""
    for found in types - {NoneType}:
        too_wide = _TOO_WIDE.get(kind)
        if not issubclass(found, _ACCEPTED[kind]) or (too_wide and issubclass(found, too_wide)):
            message = f"a value of type {found.__name__} where {kind.value} belongs"
            raise TypeError(message)
    if kind is Kind.TIMESTAMP:
        for value in values:
            if isinstance(value, datetime) and value.tzinfo is None:
                message = f"{value.isoformat()} has no time zone"
                raise ValueError(message)


def _with_members(value: Any, field_type: FieldType) -> Any:
    """Tuples become the mappings that Arrow builds structs from."""
    if value is None:
        return None
    match field_type:
        case Kind():
            _check((value,), {type(value)}, field_type)
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
