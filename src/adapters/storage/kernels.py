"""Arrow's kernels, by the names that `pyarrow.compute` gives them.

That module makes a documented wrapper for each of some three hundred kernels when it is loaded,
which takes as long as loading Arrow itself; the methods of arrays load it too.
"""

from typing import Any

import pyarrow as pa
from pyarrow._compute import (
    CastOptions,
    FunctionOptions,
    ModeOptions,
    SelectKOptions,
    call_function,
)

type Column = Any
"""An Arrow array, of a kind that the type stubs cannot follow through the kernels."""


def call(kernel: str, *arguments: Any, options: FunctionOptions | None = None) -> Column:
    """Any kernel, over arrays and scalars (arrow.apache.org/docs/cpp/compute.html)."""
    return call_function(kernel, list(arguments), options)


def add(left: Column, right: Any) -> Column:
    """The sums, value by value; integers wrap around."""
    return call("add", left, right)


def cast(values: Column, kind: pa.DataType) -> Column:
    """The values in another type.

    Raises:
        pyarrow.ArrowInvalid: one does not fit it exactly.
    """
    return call("cast", values, options=CastOptions.safe(kind))


def drop_null(values: Column) -> Column:
    """The values that are there."""
    return call("drop_null", values)


def encoded(values: Column) -> Column:
    """As a dictionary array."""
    return call("dictionary_encode", values)


def fill_null(values: Column, filling: Any) -> Column:
    """The values, with another one where there is none."""
    return call("coalesce", values, pa.scalar(filling, values.type))


def filtered(values: Column, mask: Column) -> Column:
    """The values or rows where the mask is true."""
    return call("filter", values, mask)


def most_frequent(values: Column, number: int) -> Column:
    """So many values, and how often each of them comes, as structs of `mode` and `count`."""
    return call("mode", values, options=ModeOptions(number))


def places_of_largest(values: Column, number: int) -> Column:
    """Where the largest values are, the order among equal ones left open."""
    options = SelectKOptions(number, [("values", "descending")])
    return call("select_k_unstable", values, options=options)


def sort_places(values: Column) -> Column:
    """Where each value in ascending order comes from; equal ones keep their order, null is last."""
    return call("array_sort_indices", values)


def take(values: Column, places: Column) -> Column:
    """The values or rows at places, in their order."""
    return call("take", values, places)
