"""Profiles of Parquet files, column by column."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.distinct_values import DistinctValues
from adapters.storage.kernels import call, drop_null
from domain.profiles import ColumnProfile, Scalar, TableProfile
from domain.tables import PROVENANCE

_TOP = 10
_LONGEST = 80  # characters of a text that are kept
_OURS = frozenset(field.name for field in PROVENANCE)


def profile_of(paths: Sequence[Path]) -> TableProfile:
    """The profile of the rows of files that have one schema.

    What is null, least and greatest stands in the files' footers. Texts are read as what the
    files hold anyway: a dictionary of the different ones, and numbers. One column of one row
    group is in memory at a time.

    Raises:
        StorageError: a file is missing or broken.
    """
    with ExitStack() as stack:
        parts: list[_Part] = []
        for path in paths:
            stack.enter_context(parquet_errors("Profiling", path))
            schema = pq.read_schema(path)
            texts = [field.name for field in schema if pa.types.is_string(field.type)]
            file = stack.enter_context(
                pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True)
            )
            parts.extend(_Part(file, group) for group in range(file.num_row_groups))
        fields = pq.read_schema(paths[0]) if paths else ()
        rows = sum(part.rows for part in parts)
        return TableProfile(rows, tuple(_column(field, parts, rows) for field in fields))


class _Part:
    """One row group of one file."""

    def __init__(self, file: pq.ParquetFile, group: int) -> None:
        self._file = file
        self._group = group
        footer = file.metadata.row_group(group)
        self.rows = footer.num_rows
        self._statistics = {
            column.path_in_schema: column.statistics
            for column in (footer.column(at) for at in range(footer.num_columns))
        }

    def nulls(self, name: str) -> int:
        """Rows without a value in a column that is not nested."""
        found = self._statistics.get(name)
        counted = found.null_count if found is not None else None
        return int(self.values(name).null_count if counted is None else counted)

    def bounds(self, name: str) -> tuple[Any, Any] | None:
        """The least and the greatest value; None where there is no value."""
        found = self._statistics.get(name)
        if found is not None and found.has_min_max:
            return found.min, found.max
        values = self.values(name)
        if isinstance(values, pa.DictionaryArray):
            values = values.dictionary
        low, high = call("min_max", values).values()
        return None if low.as_py() is None else (low.as_py(), high.as_py())

    def values(self, name: str) -> Any:
        """A column as one array; text as a dictionary array."""
        table = self._file.read_row_group(self._group, [name], use_threads=False)
        column = table.column(0).unify_dictionaries()
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _column(field: Any, parts: Sequence[_Part], rows: int) -> ColumnProfile:
    if pa.types.is_nested(field.type):
        nulls = sum(part.values(field.name).null_count for part in parts)
        return ColumnProfile(field.name, nulls)
    nulls = sum(part.nulls(field.name) for part in parts)
    bounds = [each for part in parts if (each := part.bounds(field.name)) is not None]
    least = min((each for each, _ in bounds), default=None)
    greatest = max((each for _, each in bounds), default=None)
    low, high = _plain(least), _plain(greatest)
    if field.name in _OURS:
        return ColumnProfile(field.name, nulls, minimum=low, maximum=high)
    may_be_nan = pa.types.is_floating(field.type)  # which no bound tells of
    if bounds and least == greatest and not may_be_nan:
        top = tuple(_pairs([(least, rows - nulls)] if rows - nulls > 1 else ()))
        return ColumnProfile(field.name, nulls, 1, minimum=low, maximum=high, top=top)
    values = DistinctValues()
    for part in parts:
        if not values.add(drop_null(part.values(field.name))):
            break
    return ColumnProfile(
        name=field.name,
        nulls=nulls,
        distinct=values.number(rows - nulls),
        is_exact=values.is_exact,
        minimum=low,
        maximum=high,
        top=tuple(_pairs(values.top(_TOP))),
    )


def _pairs(found: Sequence[tuple[object, int]]) -> Iterator[tuple[Scalar, int]]:
    for value, count in found:
        plain = _plain(value)
        if plain is not None:
            yield plain, count


def _plain(value: object) -> Scalar | None:
    """As JSON has it; text of strangers is cut."""
    match value:
        case bool() | int():
            return value
        case float():
            return value + 0.0 if isfinite(value) else str(value)  # -0.0 is zero
        case str():
            return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        case datetime() | date():
            return value.isoformat()
    return None
