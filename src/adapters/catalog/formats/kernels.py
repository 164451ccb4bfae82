"""Arrow's kernels without `pyarrow.compute`, which takes as long to load as Arrow itself.

It makes a documented wrapper for each of some three hundred kernels; the methods of arrays load it
too, and are left to what is rare.
"""

from typing import Any

import pyarrow as pa
from pyarrow._compute import (
    CastOptions,
    FunctionOptions,
    JoinOptions,
    MatchSubstringOptions,
    ReplaceSliceOptions,
    ReplaceSubstringOptions,
    call_function,
)


def call(kernel: str, *arguments: Any, options: FunctionOptions | None = None) -> Any:
    """Any kernel, over arrays and scalars (arrow.apache.org/docs/cpp/compute.html)."""
    return call_function(kernel, list(arguments), options)


def cast(values: Any, kind: pa.DataType, *, safe: bool = True) -> Any:
    """The values in another type; not safe: what does not fit is cut off.

    Raises:
        pyarrow.ArrowInvalid: one does not fit it exactly.
    """
    options = CastOptions.safe(kind) if safe else CastOptions.unsafe(kind)
    return call("cast", values, options=options)


def joined(*pieces: Any, between: str = "", null: str | None = None) -> Any:
    """Texts put together row by row; without `null` in place of NULL a row with one is NULL."""
    options = JoinOptions() if null is None else JoinOptions("replace", null)
    return call("binary_join_element_wise", *pieces, between, options=options)


def holds(texts: Any, part: str) -> Any:
    """Which texts hold it."""
    return call("match_substring", texts, options=MatchSubstringOptions(part))


def matches(texts: Any, pattern: str) -> Any:
    """Which texts hold something of that form (RE2)."""
    return call("match_substring_regex", texts, options=MatchSubstringOptions(pattern))


def replaced(texts: Any, part: str, by: str) -> Any:
    """The texts with another part, wherever it stands."""
    return call("replace_substring", texts, options=ReplaceSubstringOptions(part, by))


def spliced(texts: Any, start: int, stop: int, by: str) -> Any:
    """The texts with other bytes in that place."""
    return call("binary_replace_slice", texts, options=ReplaceSliceOptions(start, stop, by))
