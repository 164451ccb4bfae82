"""What is written as CSV is read back as the same values by the tools that people use."""

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.arrow_result_writer import ArrowResultWriter
from application.ports.query_engine import Column, QueryResult
from application.ports.result_writer import Layout
from domain.errors import UsageError


def decimal(digits: int) -> Decimal:
    """Ten digits behind the point."""
    sign = (1 if digits < 0 else 0, tuple(map(int, str(abs(digits)))), -10)
    return Decimal(sign)


SQL_TYPES = {
    "n": "BIGINT",
    "x": "DOUBLE",
    "d": "DECIMAL(38,10)",
    "day": "DATE",
    "at": "TIMESTAMP WITH TIME ZONE",
    "yes": "BOOLEAN",
    "word": "VARCHAR",
}
FIELDS: dict[str, pa.DataType] = {
    "n": pa.int64(),
    "x": pa.float64(),
    "d": pa.decimal128(38, 10),
    "day": pa.date32(),
    "at": pa.timestamp("us", "UTC"),
    "yes": pa.bool_(),
    "word": pa.string(),
}
SCHEMA = pa.schema(FIELDS)
ROW = st.fixed_dictionaries(
    {
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "x": st.none() | st.floats(allow_nan=False),
        "d": st.none() | st.integers(-(10**38) + 1, 10**38 - 1).map(decimal),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
        "yes": st.none() | st.booleans(),
        "word": st.none() | st.text(st.characters(exclude_characters="\0\r", codec="utf-8")),
    }
)


class Rows(QueryResult):
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.table = pa.Table.from_pylist(rows, SCHEMA)

    @property
    def columns(self) -> list[Column]:
        return [Column(name, kind) for name, kind in SQL_TYPES.items()]

    @property
    def arrow_schema(self) -> Any:
        return SCHEMA

    def batches(self) -> Any:
        return iter(self.table.to_batches())


def as_csv(rows: list[dict[str, Any]], null: str) -> bytes:
    sink = io.BytesIO()
    ArrowResultWriter().write(Rows(rows), Layout("csv", null=null), sink)
    return sink.getvalue()


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=5))
def test_duckdb_reads_the_same_values(
    rows: list[dict[str, Any]],
    connection: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """With a word for NULL that no text has by chance."""
    file = tmp_path_factory.getbasetemp() / "round_trip.csv"
    file.write_bytes(as_csv(rows, r"\N"))
    found = connection.sql(
        "from read_csv($1, header = true, columns = $2, nullstr = $3, allow_quoted_nulls = false, "
        "auto_detect = false, quote = '\"', escape = '\"')",
        params=[str(file), SQL_TYPES, r"\N"],
    )

    assert found.to_arrow_table().to_pylist() == Rows(rows).table.to_pylist()


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=5))
def test_pyarrow_reads_the_same_values(rows: list[dict[str, Any]]) -> None:
    """With the types that the result had; no word is needed for NULL."""
    found = pc.read_csv(
        io.BytesIO(as_csv(rows, "")),
        parse_options=pc.ParseOptions(newlines_in_values=True),
        convert_options=pc.ConvertOptions(
            column_types=SCHEMA,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )

    assert found.to_pylist() == Rows(rows).table.to_pylist()


@pytest.mark.parametrize("null", ["", "NULL", "0", " "])
def test_a_text_that_reads_like_null_is_quoted(null: str) -> None:
    """Whatever the word is."""
    rows = [dict.fromkeys(SQL_TYPES) | {"n": 0, "word": null}]
    cells = as_csv(rows, null).decode().splitlines()[1].split(",")

    assert cells[1:] == [null] * 5 + [f'"{null}"']
    assert cells[0] == ('"0"' if null == "0" else "0")


@pytest.mark.parametrize("null", ["a,b", '"', "\n"])
def test_a_word_for_null_needs_no_quotes(null: str) -> None:
    """It could not be told from a text."""
    with pytest.raises(UsageError, match="cannot stand for NULL"):
        as_csv([], null)
