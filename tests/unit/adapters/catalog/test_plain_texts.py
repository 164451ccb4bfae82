"""Whole columns as text: the same words as a cell at a time."""

import math
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from typing import Any, Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.formats.arrow_values import json_texts
from adapters.catalog.formats.json_columns import json_column
from adapters.catalog.formats.moments import far_date, far_time, far_timestamp
from adapters.catalog.formats.plain_texts import plain_texts

UNITS = ("s", "ms", "us", "ns")
PARTS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DAY = 86_400


def nullable[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[list[T | None]]:
    return st.lists(st.none() | values, max_size=8)


def quick(column: Any, kind: str) -> list[str]:
    """JSON by columns, as it stands in a row."""
    mark, texts = json_column(column, kind)
    return ["null" if text is None else f"{mark}{text}{mark}" for text in texts.to_pylist()]


def each(values: Sequence[Any], text: Callable[[Any], str]) -> list[str | None]:
    """A cell at a time."""
    return [None if value is None else text(value) for value in values]


@settings(max_examples=60, deadline=None)
@given(nullable(st.integers(-(2**63), 2**63 - 1)))
def test_integers_and_booleans(values: list[int | None]) -> None:
    """All digits; true and false."""
    truths = [None if value is None else value > 0 for value in values]

    assert plain_texts(pa.array(values, pa.int64())).to_pylist() == each(values, str)
    assert plain_texts(pa.array(truths, pa.bool_())).to_pylist() == each(
        truths, lambda truth: "true" if truth else "false"
    )


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
@settings(max_examples=150, deadline=None)
@given(values=nullable(st.floats(width=32) | st.integers(-(10**6), 10**6).map(float)))
def test_floats_read_back_as_the_same_number(kind: pa.DataType, values: list[float | None]) -> None:
    """The shortest digits, and never those of an integer."""
    column = pa.array(values, kind)
    texts = plain_texts(column)

    assert str(pa.array(texts.to_pylist(), pa.string()).cast(kind)) == str(column)
    for value, text in zip(values, texts.to_pylist(), strict=True):
        if value is None or not math.isfinite(value):
            assert text == (None if value is None else str(value))
        else:
            assert {".", "e"} & set(text)


@settings(max_examples=150, deadline=None)
@given(nullable(st.floats()))
def test_doubles_have_as_few_digits_as_python_gives_them(values: list[float | None]) -> None:
    """Every finite double, to the bit; the sign of zero too."""
    for value, text in zip(values, plain_texts(pa.array(values, pa.float64())), strict=True):
        if value is None or math.isnan(value):
            continue
        assert repr(float(text.as_py())) == repr(value)
        assert Decimal(text.as_py()).normalize().as_tuple() == (
            Decimal(repr(value)).normalize().as_tuple()
        )


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 38), st.data())
def test_decimals_are_written_in_full(scale: int, data: st.DataObject) -> None:
    """Never with an exponent."""
    digits = data.draw(nullable(st.integers(-(10**38) + 1, 10**38 - 1)))
    values = each(digits, lambda digit: f"{Decimal(digit).scaleb(-scale, Context(prec=60))!s}")
    column = pa.array([v and Decimal(v) for v in values], pa.decimal128(38, scale))

    expected = each(column.to_pylist(), lambda value: f"{value:f}")
    assert plain_texts(column).to_pylist() == expected


@settings(max_examples=100, deadline=None)
@given(nullable(st.integers(-(2**31) + 1, 2**31 - 1) | st.integers(-800_000, 3_000_000)))
def test_dates(values: list[int | None]) -> None:
    """Near and far, before the year 1 and at infinity."""
    column = pa.array(values, pa.int32()).view(pa.date32())

    assert plain_texts(column).to_pylist() == each(values, far_date)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("zone", [None, "UTC"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_timestamps(unit: str, zone: str | None, data: st.DataObject) -> None:
    """Near ones, far ones, both infinities; with a fraction only where there is one."""
    second = PARTS[unit]
    far = st.integers(-(2**63) + 1, 2**63 - 1)
    near = st.integers(-1000 * DAY * second, 40_000 * DAY * second)
    whole = st.integers(-(10**9), 10**9).map(lambda seconds: seconds * second)
    values = data.draw(nullable(near | whole) | nullable(whole) | nullable(far | near))
    if unit in {"s", "ms"}:
        values = [v if v is None else max(min(v, 10**14), -(10**14)) for v in values]
    column = pa.array(values, pa.int64()).view(pa.timestamp(unit, zone))

    assert plain_texts(column).to_pylist() == each(
        values, lambda value: far_timestamp(value, unit, is_zoned=zone is not None)
    )


@pytest.mark.parametrize("unit", ["us", "ns"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_times(unit: Literal["us", "ns"], data: st.DataObject) -> None:
    """To the end of the day, which is 24:00:00."""
    second = PARTS[unit]
    whole = st.integers(0, DAY).map(lambda seconds: seconds * second)
    values = data.draw(nullable(st.integers(0, DAY * second)) | nullable(whole))
    column = pa.array(values, pa.int64()).view(pa.time64(unit))

    assert plain_texts(column).to_pylist() == each(values, lambda value: far_time(value, unit))


@settings(max_examples=60, deadline=None)
@given(values=nullable(st.text(max_size=10)), start=st.integers(0, 3))
def test_texts_in_whatever_way_they_are_kept(values: list[str | None], start: int) -> None:
    """Also of a slice, whose memory holds more."""
    column = pa.array(values, pa.string())
    kinds = (
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
    )
    for kind in kinds:
        assert plain_texts(column.cast(kind).slice(start)).to_pylist() == values[start:]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("BIGINT", pa.array([1, None, -(2**63)], pa.int64())),
        ("BOOLEAN", pa.array([True, None, False])),
        ("DECIMAL(9,2)", pa.array([Decimal("1.10"), None], pa.decimal128(9, 2))),
        ("DATE", pa.array([0, None, 1], pa.int32()).view(pa.date32())),
        ("TIMESTAMP", pa.array([0, None, 1], pa.int64()).view(pa.timestamp("us"))),
        ("VARCHAR", pa.array(["a", None, "ü"])),
        ("VARCHAR", pa.array(["a", "ü"])),
        ("DATE", pa.array([0, 1], pa.int32()).view(pa.date32())),
        ("ENUM('a', 'b')", pa.array(["a", None, "b"]).dictionary_encode()),
        ("VARCHAR", pa.array(['a"b', None, "\n\\\x01\x7f"])),
        ("INTEGER[]", pa.array([[1], None, []], pa.list_(pa.int32()))),
    ],
)
def test_json_by_columns_is_json_by_values(kind: str, values: Any) -> None:
    """NULL may stay NULL, to be written as null."""
    assert quick(values, kind) == json_texts(values).to_pylist()


@settings(max_examples=100, deadline=None)
@given(nullable(st.text(max_size=12)))
def test_any_text_is_the_same_json_by_columns(values: list[str | None]) -> None:
    """Byte for byte."""
    column = pa.array(values, pa.string())

    assert quick(column, "VARCHAR") == json_texts(column).to_pylist()
