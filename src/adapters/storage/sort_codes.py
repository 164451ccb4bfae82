"""Rows in order, as whole numbers that sort alike."""

from collections.abc import Sequence

import pyarrow as pa

from adapters.storage.kernels import Column, add, call, encoded, fill_null, sort_places, take

_LARGEST = 2**62


def sort_codes(columns: Sequence[Column], rows: int) -> Column:
    """A number a row: rows with equal numbers are equal, the others sort as their numbers.

    Nulls come first, then text by its bytes, numbers by their value. A column with one value
    costs next to nothing.

    Args:
        columns: the first decides, the next where the first is equal, and so on.
        rows: length of each column.
    """
    codes = pa.repeat(pa.scalar(0, pa.int64()), rows)
    size = 1
    for column in columns:
        if _is_constant(column):
            continue
        more, distinct = _ranks(column)
        if size * distinct > _LARGEST:
            codes, size = _ranks(codes)
        codes = add(call("multiply", codes, distinct), more) if size > 1 else more
        size *= distinct
    return codes


def last_of_equals(codes: Column) -> Column:
    """Whether the next of some sorted numbers is another."""
    rows = len(codes)
    if not rows:
        return pa.array([], pa.bool_())
    differs = call("not_equal", codes.slice(1), codes.slice(0, rows - 1))
    return pa.concat_arrays([differs, pa.array([True])])


def _is_constant(column: Column) -> bool:
    """Whether all rows say the same; a quarter of what ranks cost, and nearly nothing if not."""
    rows = len(column)
    if column.null_count:
        return bool(column.null_count == rows)
    if not rows or column[0] != column[rows - 1]:
        return not rows
    differs = call("not_equal", column.slice(1), column.slice(0, rows - 1))
    return not call("any", differs).as_py()


def _ranks(column: Column) -> tuple[Column, int]:
    """Each value's place among the distinct ones, and how many there are."""
    if pa.types.is_floating(column.type):
        column = add(column, 0.0)  # minus zero is zero
    found = encoded(column)
    values = found.dictionary
    places = call("inverse_permutation", sort_places(values).view(pa.int64()))
    ranks = take(places, found.indices)
    if not column.null_count:
        return ranks, len(values)
    return fill_null(add(ranks, 1), 0), len(values) + 1
