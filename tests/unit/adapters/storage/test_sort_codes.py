"""Numbers that sort as the rows do."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage import sort_codes as module
from adapters.storage.sort_codes import last_of_equals, sort_codes

ROW = st.tuples(
    st.none() | st.text(max_size=3),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.booleans(),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
TYPES = (
    pa.string(),
    pa.int64(),
    pa.bool_(),
    pa.float64(),
    pa.date32(),
    pa.timestamp("us", tz="UTC"),
)


def in_plain_order(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [
        (value is not None, value.encode() if isinstance(value, str) else value or _zero(value))
        for value in row
    ]


def _zero(value: Any) -> Any:
    return 0 if value is None or value == 0 else value


@pytest.mark.parametrize("largest", [2**62, 1])
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=12))
def test_codes_sort_and_tell_apart_as_the_rows_do(
    largest: int, rows: list[tuple[Any, ...]]
) -> None:
    """Nulls first, text by its bytes; also when the numbers would become too large."""
    columns = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(TYPES)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGEST", largest)
        codes = sort_codes(columns, len(rows))
    order = pc.array_sort_indices(codes).to_pylist()
    plain = sorted(range(len(rows)), key=lambda at: in_plain_order(rows[at]))

    assert order == plain
    numbers = codes.to_pylist()
    for one, other in pairwise(plain):
        same = in_plain_order(rows[one]) == in_plain_order(rows[other])
        assert (numbers[one] == numbers[other]) is same


def test_minus_zero_is_zero_and_what_is_no_number_comes_last() -> None:
    """As the query engine has it."""
    codes = sort_codes([pa.array([float("nan"), 0.0, None, -0.0, 1.0])], 5).to_pylist()
    assert codes == [3, 1, 0, 1, 2]


def test_columns_with_one_value_change_nothing() -> None:
    """Nor do columns of nulls, nor none at all."""
    same = [pa.array(["x"] * 3), pa.nulls(3, pa.string()), pa.array([date(2026, 1, 1)] * 3)]
    assert sort_codes(same, 3).to_pylist() == [0, 0, 0]
    assert sort_codes([*same, pa.array([2, 1, 2])], 3).to_pylist() == [1, 0, 1]
    assert sort_codes([], 2).to_pylist() == [0, 0]


def test_the_last_of_equal_numbers_is_found() -> None:
    """The very last one always is."""
    assert last_of_equals(pa.array([1, 1, 2, 3, 3])).to_pylist() == [False, True, True, False, True]
    assert last_of_equals(pa.array([], pa.int64())).to_pylist() == []


def test_moments_sort_by_time() -> None:
    """Before 1970 too."""
    moments = [datetime(1969, 1, 1, tzinfo=UTC), None, datetime(1900, 1, 1, tzinfo=UTC)]
    column = pa.array(moments, pa.timestamp("us", tz="UTC"))
    assert sort_codes([column], 3).to_pylist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("values", "ranks"),
    [
        (["a", "a", "a"], [0, 0, 0]),
        (["a", "b", "a"], [0, 1, 0]),  # the ends are alike
        (["a", None, "a"], [1, 0, 1]),
        ([None, None, None], [0, 0, 0]),
        ([0.0, -0.0, 0.0], [0, 0, 0]),
        ([0.0, -1.0, 0.0], [1, 0, 1]),
        ([float("nan")] * 3, [0, 0, 0]),
    ],
)
def test_a_column_with_one_value_decides_nothing(values: list[Any], ranks: list[int]) -> None:
    """And one whose first and last value are the same may have others between."""
    assert sort_codes([pa.array(values)], 3).to_pylist() == ranks
