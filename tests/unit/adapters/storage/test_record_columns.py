"""Records become columns, strictly: what does not fit is kept out, and nothing is changed."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage.record_columns import RecordColumns
from domain.expectations import Expectation, RecordChecker
from domain.record_block import RecordBlock
from domain.schema import Field, FieldType, Kind, ListOf, Schema, StructOf
from domain.tables import Record, TableSpec

PAIR = StructOf((Field("a", Kind.STRING), Field("n", Kind.INTEGER)))


class Status(StrEnum):
    OK = "ok"


def columns(*types: FieldType) -> RecordColumns:
    return RecordColumns(Schema(tuple(Field(f"c{at}", each) for at, each in enumerate(types))))


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        (Kind.STRING, 1),
        (Kind.STRING, 1.5),
        (Kind.STRING, True),
        (Kind.STRING, b"bytes"),
        (Kind.INTEGER, 1.0),
        (Kind.INTEGER, 1.5),
        (Kind.INTEGER, True),
        (Kind.INTEGER, "1"),
        (Kind.INTEGER, Decimal(1)),
        (Kind.INTEGER, 2**63),
        (Kind.NUMBER, True),
        (Kind.NUMBER, "1.5"),
        (Kind.NUMBER, 10**400),
        (Kind.BOOLEAN, 1),
        (Kind.BOOLEAN, "true"),
        (Kind.TIMESTAMP, 1767225600),
        (Kind.TIMESTAMP, "2026-01-01"),
        (Kind.TIMESTAMP, date(2026, 1, 1)),
        (Kind.TIMESTAMP, datetime(2026, 1, 1)),  # noqa: DTZ001  # without a zone on purpose
        (Kind.DATE, 20000),
        (Kind.DATE, datetime(2026, 1, 1, 12, tzinfo=UTC)),
        (ListOf(Kind.STRING), "bug"),
        (ListOf(Kind.STRING), {"a": 1}),
        (ListOf(Kind.STRING), ["a", 1]),
        (ListOf(Kind.INTEGER), [1, 2.5]),
        (PAIR, ("a",)),
        (PAIR, ("a", 1, 2)),
        (PAIR, ("a", 1.5)),
        (PAIR, "a1"),
        (PAIR, {"a": "x", "n": 1}),
    ],
)
def test_a_value_of_another_type_is_kept_out_and_never_converted(
    field_type: FieldType, value: object
) -> None:
    """Arrow alone would cut 1.5 to 1 and spell "bug" as three letters."""
    records = [("x", None), ("y", value), ("z", None)]
    converted = columns(Kind.STRING, field_type).convert(records)

    assert list(converted.kept) == [0, 2]
    assert converted.columns[0].to_pylist() == ["x", "z"]
    assert converted.misfits[1].record == records[1]
    assert converted.misfits[1].rule == "type"
    assert converted.misfits[1].reason.startswith("c1: ")


@pytest.mark.parametrize(
    ("field_type", "value", "stored"),
    [
        (Kind.STRING, "a\0b", "a\0b"),
        (Kind.STRING, Status.OK, "ok"),
        (Kind.STRING, "bro\ud800ken", "bro\ufffdken"),
        (Kind.INTEGER, -(2**63), -(2**63)),
        (Kind.NUMBER, 3, 3.0),
        (Kind.BOOLEAN, False, False),
        (
            Kind.TIMESTAMP,
            datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        (Kind.DATE, date(1, 1, 1), date(1, 1, 1)),
        (ListOf(Kind.STRING), ["a\ud800", None], ["a\ufffd", None]),
        (ListOf(Kind.NUMBER), (1, 2.5), [1.0, 2.5]),
        (ListOf(PAIR), [("x", 1), None], [{"a": "x", "n": 1}, None]),
    ],
)
def test_a_value_of_the_type_is_stored_as_it_is(
    field_type: FieldType, value: object, stored: object
) -> None:
    """Except for half characters, which no file can hold."""
    converted = columns(field_type).convert([(value,), (None,)])

    assert converted.misfits == {}
    assert converted.columns[0].to_pylist() == [stored, None]


def test_a_record_of_the_wrong_width_is_kept_out() -> None:
    """The records beside it stay."""
    converted = columns(Kind.STRING, Kind.STRING).convert([("a", "b"), ("a",), ("a", "b", "c"), ()])

    assert list(converted.kept) == [0]
    assert [each.reason for each in converted.misfits.values()] == [
        "1 values for 2 columns",
        "3 values for 2 columns",
        "0 values for 2 columns",
    ]


def test_no_records_are_empty_columns() -> None:
    """With their types."""
    converted = columns(Kind.STRING, Kind.DATE).convert([])
    assert [len(each) for each in converted.columns] == [0, 0]


VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=5)
    | st.binary(max_size=5)
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=4,
)
TYPES = (*Kind, ListOf(Kind.STRING), PAIR)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(VALUE, min_size=7, max_size=9).map(tuple), max_size=6))
def test_every_record_is_kept_or_kept_out(records: list[tuple[object, ...]]) -> None:
    """In their order, whatever they hold; nothing raises."""
    converted = columns(*TYPES).convert(records)

    assert sorted([*converted.kept, *converted.misfits]) == list(range(len(records)))
    assert {len(each) for each in converted.columns} == {len(converted.kept)}


@pytest.mark.parametrize(
    "values", [["a"] * 4, ["a", "b", "c", "a"], ["a\ud800"] * 3, ["", ""], ["a"], [Status.OK] * 2]
)
def test_a_column_that_says_the_same_is_stored_like_any_other(values: list[str]) -> None:
    """Its first value is not taken for all of them."""
    converted = columns(Kind.STRING).convert([(value,) for value in values])

    assert converted.columns[0].type == "string"
    assert converted.columns[0].to_pylist() == [each.replace("\ud800", "\ufffd") for each in values]
    assert converted.misfits == {}


def test_what_breaks_an_expectation_is_kept_out_before_anything_else() -> None:
    """The other records stay, in their order, and each has the first reason."""
    table = TableSpec(
        "items", Schema((Field("id", Kind.STRING), Field("n", Kind.INTEGER))), key=("id",)
    )
    accepted = Expectation("items", accepted=(("id", frozenset({"a", "b"})),))
    records: list[Record] = [
        ("a", 1),
        (None, 2),
        ("z", "x"),
        ("b",),
        ("b", "y"),
        (["a"], 1),
        ("b", 3),
    ]
    converted = RecordColumns(table.schema, RecordChecker(table, [accepted])).convert(records)

    assert list(converted.kept) == [0, 6]
    assert [each.to_pylist() for each in converted.columns] == [["a", "b"], [1, 3]]
    assert list(converted.misfits) == [1, 2, 3, 4, 5]
    assert [each.rule for each in converted.misfits.values()] == [
        *("not_null", "accepted_values", "shape", "type", "accepted_values"),
    ]
    assert [each.record for each in converted.misfits.values()] == records[1:6]


_WIDTH = 4
_MIXED = TableSpec(
    "items",
    Schema(
        (
            Field("id", Kind.STRING),
            Field("n", Kind.INTEGER),
            Field("x", Kind.NUMBER),
            Field("text", Kind.STRING),
        )
    ),
    key=("id",),
)
_TEXT = st.sampled_from(["a", "b", "", "half\ud800", Status.OK])
_LIKELY = (_TEXT, st.integers(0, 3) | st.none(), st.floats() | st.integers(0, 3), _TEXT | st.none())


@st.composite
def _blocks(draw: st.DrawFn) -> RecordBlock:
    values = [each if draw(st.integers(0, 9)) else VALUE for each in _LIKELY]
    if not draw(st.integers(0, 9)):
        values.append(VALUE)
    shared, length = draw(st.integers(0, _WIDTH - 1)), draw(st.integers(1, 3))
    columns = [draw(st.lists(v, min_size=length, max_size=length)) for v in values[shared:]]
    return RecordBlock(tuple(map(draw, values[:shared])), columns)


@settings(max_examples=150, deadline=None)
@given(st.lists(_blocks(), min_size=1, max_size=5))
def test_blocks_are_converted_like_their_records(blocks: list[RecordBlock]) -> None:
    """Whatever they hold and however wide they are: the same is kept, and for the same reasons."""
    accepted = Expectation("items", accepted=(("text", frozenset({"a", "b", "ok"})),))
    converter = RecordColumns(_MIXED.schema, RecordChecker(_MIXED, [accepted]))
    together = converter.convert_blocks(blocks, [*accumulate(map(len, blocks))])
    apart = converter.convert([record for block in blocks for record in block])

    assert [(each.type, str(each)) for each in together.columns] == [
        (each.type, str(each)) for each in apart.columns
    ]
    assert [*together.kept] == [*apart.kept]
    assert repr(together.misfits) == repr(apart.misfits)
