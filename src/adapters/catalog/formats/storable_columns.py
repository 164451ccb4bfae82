"""Columns as files with types can hold them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from adapters.catalog.formats.arrow_values import texts
from adapters.catalog.formats.kernels import call
from application.ports.query_engine import Column
from domain.errors import QueryError

_ARROW = pa.types
_MOST = Decimal(10**38 - 1)  # of a decimal(38, 0), as which HUGEINT travels
_HUGEINT = "HUGEINT"


class StorableColumns:
    """Makes batches that Parquet and Arrow files keep exactly.

    BIGNUM and UHUGEINT have no type there and become text.

    Args:
        columns: of the result.
        schema: of its batches.
        style: the format, for error messages.

    Raises:
        QueryError: a column that the format cannot hold; its name and what to do.
    """

    def __init__(self, columns: Sequence[Column], schema: pa.Schema, style: str) -> None:
        self._columns = columns
        self._style = style
        fields = []
        for column, field in zip(columns, schema, strict=True):
            if _is_big(field.type):
                fields.append(pa.field(field.name, pa.string(), metadata=field.metadata))
                continue
            parts = list(_parts(field.type))
            if any(map(_is_big, parts)) or (style == "parquet" and any(map(_unknown, parts))):
                raise self._misfit(column, column.type)
            fields.append(field)
        self.schema = pa.schema(fields)

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch under `schema`; QueryError for a HUGEINT of more than 38 digits."""
        stored: list[Any] = []
        for column, values in zip(self._columns, batch.columns, strict=True):
            if _is_big(values.type):
                stored.append(texts(values))
                continue
            if _HUGEINT in column.type and any(map(_overflows, _leaves(values))):
                raise self._misfit(column, "a HUGEINT of more than 38 digits")
            stored.append(values)
        return pa.RecordBatch.from_arrays(stored, schema=self.schema)

    def _misfit(self, column: Column, what: str) -> QueryError:
        message = (
            f"{self._style} cannot hold the column {column.name!r} ({what[:80]}): "
            f"cast it, for example to varchar."
        )
        return QueryError(message)


def _is_big(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType)


def _unknown(kind: pa.DataType) -> bool:
    """Parquet as Arrow writes it has none of these."""
    empty = _ARROW.is_struct(kind) and kind.num_fields == 0
    return empty or _ARROW.is_union(kind) or _ARROW.is_interval(kind)


def _parts(kind: pa.DataType) -> Iterator[pa.DataType]:
    """A type and all that it is made of."""
    yield kind
    if _ARROW.is_nested(kind):
        for position in range(kind.num_fields):
            yield from _parts(kind.field(position).type)


def _leaves(column: Any) -> Iterator[Any]:
    kind = column.type
    if _ARROW.is_map(kind):
        yield from _leaves(column.keys)
        yield from _leaves(column.items)
    elif _ARROW.is_struct(kind):
        for member in column.flatten():
            yield from _leaves(member)
    elif _ARROW.is_nested(kind) and not _ARROW.is_union(kind):
        yield from _leaves(column.flatten())
    else:
        yield column


def _overflows(column: Any) -> bool:
    if not _ARROW.is_decimal128(column.type):
        return False
    smallest, largest = call("min", column).as_py(), call("max", column).as_py()
    return smallest is not None and (smallest < -_MOST or largest > _MOST)
