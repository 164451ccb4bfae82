"""A digest that sees every difference, and none where there is none."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.table_content import TableContent
from domain.schema import Field, Kind, ListOf, Schema, StructOf

PAIR = StructOf((Field("a", Kind.STRING), Field("n", Kind.INTEGER)))
SCHEMA = Schema(
    (
        Field("text", Kind.STRING),
        Field("number", Kind.NUMBER),
        Field("flag", Kind.BOOLEAN),
        Field("at", Kind.TIMESTAMP),
        Field("day", Kind.DATE),
        Field("tags", ListOf(Kind.STRING)),
        Field("pair", PAIR),
        Field("pairs", ListOf(PAIR)),
        Field("views", Kind.INTEGER, volatile=True),
    )
)
PAIRS = st.none() | st.fixed_dictionaries(
    {"a": st.none() | st.text(max_size=2), "n": st.none() | st.integers(0, 3)}
)
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=3),
        "number": st.none() | st.floats(allow_nan=False).map(lambda each: each + 0.0),
        "flag": st.none() | st.booleans(),
        "at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "day": st.none() | st.dates(),
        "tags": st.none() | st.lists(st.none() | st.text(max_size=2), max_size=3),
        "pair": PAIRS,
        "pairs": st.none() | st.lists(PAIRS, max_size=2),
        "views": st.none() | st.integers(0, 9),
    }
)
ROWS = st.lists(ROW, max_size=5)


def content(rows: list[dict[str, Any]], *cuts: int, schema: Schema = SCHEMA) -> str:
    whole = pa.RecordBatch.from_pylist(rows, arrow_schema(schema))
    digest = TableContent(schema)
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    for start, end in pairwise(ends):
        digest.add(whole.slice(start, end - start))
    return digest.hexdigest()


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(st.integers(0, 5), max_size=4))
def test_how_rows_are_cut_into_batches_makes_no_difference(
    rows: list[dict[str, Any]], cuts: list[int]
) -> None:
    """Nor does how Arrow holds them."""
    assert content(rows, *cuts) == content(rows)


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS)
def test_tables_have_one_digest_if_they_say_the_same(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    """Volatile columns do not count."""
    said = [
        [{k: v for k, v in row.items() if k != "views"} for row in rows] for rows in (first, second)
    ]
    assert (content(first) == content(second)) is (said[0] == said[1])


FULL: dict[str, Any] = {
    "text": "ab",
    "number": 1.0,
    "flag": True,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "day": date(2026, 1, 1),
    "tags": ["a", "b"],
    "pair": {"a": "x", "n": 1},
    "pairs": [{"a": "x", "n": 1}, None],
    "views": 1,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", ""),
        ("number", 0.0),
        ("flag", False),
        ("at", datetime(1970, 1, 1, tzinfo=UTC)),
        ("day", date(1970, 1, 1)),
        ("tags", []),
        ("tags", ["ab"]),
        ("tags", ["a", "b", None]),
        ("pair", {"a": None, "n": None}),
        ("pair", {"a": "x", "n": None}),
        ("pairs", [{"a": "x", "n": 1}]),
        ("pairs", [{"a": "x", "n": 1}, {"a": None, "n": None}]),
    ],
)
def test_every_difference_shows(name: str, value: object) -> None:
    """A value, an empty one and none at all are three."""
    digests = {content([FULL]), content([{**FULL, name: value}]), content([{**FULL, name: None}])}
    assert len(digests) == 3


def test_text_does_not_run_over_into_the_next_row_or_column() -> None:
    """Lengths are part of it."""
    schema = Schema((Field("a", Kind.STRING), Field("b", Kind.STRING)))
    tables = [
        [{"a": "xy", "b": "z"}, {"a": "", "b": ""}],
        [{"a": "x", "b": "yz"}, {"a": "", "b": ""}],
        [{"a": "x", "b": "z"}, {"a": "y", "b": ""}],
        [{"a": "xy", "b": "z"}],
        [],
    ]
    assert len({content(rows, schema=schema) for rows in tables}) == len(tables)


def test_names_and_types_count_and_meanings_do_not() -> None:
    """A renamed column says something else."""
    field = Field("a", Kind.INTEGER)
    plain, renamed, retyped, explained = (
        content([{each.name: None}], schema=Schema((each,)))
        for each in (
            field,
            replace(field, name="b"),
            replace(field, type=Kind.TIMESTAMP),
            replace(field, meaning="the first"),
        )
    )
    assert len({plain, renamed, retyped}) == 3
    assert plain == explained


def test_what_stands_behind_a_null_is_not_seen() -> None:
    """Arrow may leave any bytes there."""
    schema = Schema((Field("n", Kind.INTEGER), Field("t", Kind.STRING)))
    mask = pa.py_buffer(b"\x01")
    rows = pa.record_batch(
        [
            pa.Array.from_buffers(pa.int64(), 2, [mask, pa.py_buffer(bytes(range(16)))], 1),
            pa.Array.from_buffers(
                pa.string(),
                2,
                [mask, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0"), pa.py_buffer(b"abc")],
                1,
            ),
        ],
        schema=arrow_schema(schema),
    )
    digest = TableContent(schema)
    digest.add(rows)
    assert digest.hexdigest() == content(rows.to_pylist(), schema=schema)
