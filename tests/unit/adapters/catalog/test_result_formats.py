"""Query results as text and as files: exact, and harmless."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.arrow_result_writer import ArrowResultWriter
from adapters.catalog.formats.moments import far_timestamp, interval
from application.ports.query_engine import Query
from application.ports.result_writer import Layout, ResultWriter, Written
from domain.errors import QueryError
from domain.sql_names import quoted
from tests.contracts.result_writer_contract import FORMATS, ResultWriterContract
from tests.unit.adapters.catalog.conftest import Catalog

CONNECTION = duckdb.connect(":memory:")
BIG = str(2**127 - 1)
TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


def write(catalog: Catalog, sql: str, style: str, **options: Any) -> tuple[bytes, Written]:
    """A query in a format."""
    sink = io.BytesIO()
    query = Query(sql, parameters=options.pop("parameters", {}))
    with catalog.engine.run(query, catalog.manifest, catalog.runs) as result:
        written = ArrowResultWriter().write(result, Layout(style, **options), sink)
    return sink.getvalue(), written


def text(catalog: Catalog, sql: str, style: str, **options: Any) -> str:
    return write(catalog, sql, style, **options)[0].decode()


class TestArrowResultWriter(ResultWriterContract):
    @pytest.fixture
    def writer(self) -> ResultWriter:
        return ArrowResultWriter()


@settings(max_examples=25, deadline=None)
@given(values=st.lists(TEXT, min_size=1, max_size=4))
def test_any_text_survives_csv_json_and_ndjson(catalog: Catalog, values: list[str]) -> None:
    """Quotes, commas, line breaks, control and foreign characters."""
    names = [f"c{n}" for n in range(len(values))]
    sql = "select " + ", ".join(f"${name} as {name}" for name in names)
    parameters = dict(zip(names, values, strict=True))

    rows = list(
        csv.reader(io.StringIO(text(catalog, sql, "csv", parameters=parameters), newline=""))
    )
    assert rows == [names, values]
    assert json.loads(text(catalog, sql, "json", parameters=parameters)) == [parameters]
    assert json.loads(text(catalog, sql, "ndjson", parameters=parameters)) == parameters


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'170141183460469231731687303715884105727'::hugeint", BIG),
        ("18446744073709551615::ubigint", "18446744073709551615"),
        ("sum(i) from range(3) t(i)", "3"),
        ("12345678901234567890.123456789::decimal(38,9)", "12345678901234567890.123456789"),
        ("0.1::double", "0.1"),
        ("true", "true"),
        ("date '2026-01-02'", "2026-01-02"),
        ("timestamptz '2026-01-02 03:04:05+00'", "2026-01-02T03:04:05+00:00"),
        ("timestamp_ns '2026-01-02 03:04:05.123456789'", "2026-01-02T03:04:05.123456789"),
        ("interval 1 month", "1 month"),
        ("interval '-1 second'", "-00:00:01"),
        ("interval '25 hours'", "25:00:00"),
        ("[interval '1 day']", '"[""1 day""]"'),
        ("'infinity'::timestamp", "infinity"),
        ("'-infinity'::date", "-infinity"),
        ("date '20000-02-29'", "20000-02-29"),
        ("date '0044-03-15 (BC)'", "-0043-03-15"),
        ("timestamptz '12026-01-02 03:04:05.5+00'", "12026-01-02T03:04:05.500000+00:00"),
        ("[timestamp_ns '2026-01-02 03:04:05.123456789', null]",
         '"[""2026-01-02T03:04:05.123456789"",null]"'),
        ("{'a': date '20000-01-01'}", '"{""a"":""20000-01-01""}"'),
        ("[1, 2]::integer[2]", '"[1,2]"'),
        ("[1, 2, null]", '"[1,2,null]"'),
        ("{'a': 1, 'b': 'x'}", '"{""a"":1,""b"":""x""}"'),
        ("map {'k': 1}", '"{""k"":1}"'),
        ("'ab'::blob", "YWI="),
        ("uuid '00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
        ("'x'::enum('x', 'y')", "x"),
    ],
)  # fmt: skip
def test_values_are_written_exactly(catalog: Catalog, sql: str, expected: str) -> None:
    """Big numbers keep their digits, times are ISO 8601, nested values are JSON."""
    assert text(catalog, f"select {sql}", "csv", header=False) == f"{expected}\n"


def test_json_keeps_numbers_exact_and_nan_is_null(catalog: Catalog) -> None:
    """Decimals and 64-bit integers are numbers with all their digits."""
    sql = (
        "select 9007199254740993::bigint as big, 1.10::decimal(9,2) as money, "
        "'nan'::double as nan, null as nothing, [{'a': 1}] as nested"
    )
    line = text(catalog, sql, "ndjson")

    assert line == (
        '{"big":9007199254740993,"money":1.10,"nan":null,"nothing":null,"nested":[{"a":1}]}\n'
    )


def test_null_and_empty_text_can_be_told_apart(catalog: Catalog) -> None:
    """With `--null`."""
    sql = "select null as a, '' as b"

    assert text(catalog, sql, "csv", null="NULL") == "a,b\nNULL,\n"
    assert text(catalog, sql, "tsv", null=r"\N") == "a\tb\n\\N\t\n"


def test_tsv_and_markdown_keep_one_row_a_line(catalog: Catalog) -> None:
    """Tabs, line breaks and pipes inside values are escaped."""
    sql = r"select e'a\tb\nc\\d' as x, 'p|q' as y, 1 as n"

    assert text(catalog, sql, "tsv", header=False) == "a\\tb\\nc\\\\d\tp|q\t1\n"
    assert text(catalog, sql, "markdown").splitlines() == [
        "| x | y | n |",
        "| --- | --- | ---: |",
        "| a\tb<br>c\\d | p\\|q | 1 |",
    ]
    assert text(catalog, r"select 'a\|b\\|' as x", "markdown").splitlines()[2] == (
        r"| a\\\|b\\\\\| |"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("map {1.5: 'x'}", {"1.5": "x"}),
        ("map {[1]: 'x'}", {"[1]": "x"}),
        ("map {{'a': 1}: 'x'}", {'{"a":1}': "x"}),
        ("map {date '2026-01-02': null}", {"2026-01-02": None}),
        ("map {true: 1, false: 2}", {"true": 1, "false": 2}),
        ("[map {1: 2}, null, map {}]", [{"1": 2}, None, {}]),
        ("{'m': map {'k': map {'l': 1}}}", {"m": {"k": {"l": 1}}}),
        ("map {timestamp_ns '2026-01-02 03:04:05.123456789': 1}",
         {"2026-01-02T03:04:05.123456789": 1}),
    ],
)  # fmt: skip
def test_maps_are_objects_wherever_they_stand(
    catalog: Catalog, value: str, expected: object
) -> None:
    """Keys become text, since JSON has no others."""
    assert json.loads(text(catalog, f"select {value} as x", "ndjson")) == {"x": expected}


def test_a_batch_that_is_cut_keeps_its_nested_values(catalog: Catalog) -> None:
    """A slice of a batch shares its memory with the rows around it."""
    sql = (
        "select case when i % 3 > 0 then map {i: [i, i + 1]} end as m, "
        "case when i % 4 > 0 then {'a': i} end as s, "
        "case when i % 5 > 0 then [i]::bigint[1] end as f from range(20) t(i) order by i"
    )
    rows = [json.loads(line) for line in text(catalog, sql, "ndjson", limit=11).splitlines()]

    assert rows == [
        {
            "m": {str(i): [i, i + 1]} if i % 3 else None,
            "s": {"a": i} if i % 4 else None,
            "f": [i] if i % 5 else None,
        }
        for i in range(11)
    ]


@pytest.fixture(scope="module")
def every_type() -> list[str]:
    with duckdb.connect(":memory:") as connection:
        return [
            str(name) for name, *_ in connection.sql("describe from test_all_types()").fetchall()
        ]


@pytest.mark.parametrize("style", FORMATS)
def test_every_type_of_the_engine_can_be_written(
    catalog: Catalog, every_type: list[str], style: str
) -> None:
    """With its least and its greatest value and NULL; Parquet has no intervals and no unions."""
    left_out = {"interval", "empty_struct", "union"} if style == "parquet" else set[str]()
    names = ", ".join(quoted(name) for name in every_type if name not in left_out)

    assert write(catalog, f"select {names} from test_all_types()", style)[1].rows == 3


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**4), 10**4), st.integers(-999, 999), st.integers(-(10**12), 10**12))
def test_intervals_are_written_as_the_engine_writes_them(
    months: int, days: int, microseconds: int
) -> None:
    """Signs, plurals and fractions."""
    with CONNECTION.cursor() as connection:
        ((expected,),) = connection.execute(
            "select (to_months($1) + to_days($2) + to_microseconds($3))::varchar",
            [months, days, microseconds],
        ).fetchall()

    assert interval(months, days, microseconds * 1000) == expected


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-50, 50))
def test_far_moments_follow_the_calendar(moment: datetime, cycles: int) -> None:
    """It repeats every 400 years, and agrees with Python's where that reaches."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    days = since.days + cycles * 146_097
    microseconds = (days * 86_400 + since.seconds) * 10**6 + since.microseconds
    near = moment.isoformat()
    year = moment.year + 400 * cycles
    sign = "-" if year < 0 else ""

    assert far_timestamp(microseconds, "us", is_zoned=True) == f"{sign}{abs(year):04}{near[4:]}"


def test_a_table_is_aligned_and_cut_to_the_width(catalog: Catalog) -> None:
    """Numbers to the right, NULL shown, wide characters counted as two."""
    sql = "select * from (values ('a', 1), ('日本', 200), (null, null)) t(name, n)"

    assert text(catalog, sql, "table").splitlines() == [
        "name     n",
        "────  ────",
        "a        1",
        "日本   200",
        "NULL  NULL",
    ]
    wide = text(catalog, f"select '{'x' * 300}' as a, 'y' as b", "table", width=40)
    assert max(map(len, wide.splitlines())) == 40
    assert "…" in wide


def test_terminal_escapes_in_data_are_shown_and_not_obeyed(catalog: Catalog) -> None:
    """Colours, cursor moves, titles, and text that runs backwards."""
    sql = r"select e'\x1b[31mred\x1b]0;title\x07' || chr(8238) || e'\nsecond line' as x"

    shown = text(catalog, sql, "table")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) == 3
    marked = text(catalog, f'{sql}, 1 as "a\x1b[1m"', "markdown")
    assert not {"\x1b", "\x07", "\u202e"} & set(marked)


def test_a_plan_is_shown_as_it_is_drawn(catalog: Catalog) -> None:
    """EXPLAIN keeps its lines."""
    assert len(text(catalog, "explain select * from items", "table", width=80).splitlines()) > 3


def test_the_limit_is_kept_and_told(catalog: Catalog) -> None:
    """More rows than the limit are said to be there; just as many are not."""
    _, cut = write(catalog, "from items", "csv", limit=10)
    _, whole = write(catalog, "from items", "csv", limit=30)

    assert (cut, whole) == (Written(10, truncated=True), Written(30, truncated=False))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("csv", "id\n"),
        ("tsv", "id\n"),
        ("json", "[]\n"),
        ("ndjson", ""),
        ("markdown", "| id |\n| --- |\n"),
        ("table", "id\n──\n"),
    ],
)
def test_no_rows_are_written_as_no_rows(catalog: Catalog, style: str, expected: str) -> None:
    """The header is there."""
    assert text(catalog, "select id from items where false", style) == expected


def test_equal_names_get_numbers_in_json(catalog: Catalog) -> None:
    """Nothing is lost to a repeated key."""
    assert json.loads(text(catalog, "select 1 as a, 2 as a, 3 as a", "ndjson")) == {
        "a": 1,
        "a_2": 2,
        "a_3": 3,
    }


def test_parquet_and_arrow_keep_rows_and_types(catalog: Catalog) -> None:
    """What goes in comes out, also when it is nothing."""
    sql = "select id, 1.5::decimal(9,2) as money, [1] as list from items order by id"
    for question, rows in ((sql, 30), (f"select * from ({sql}) where false", 0)):
        parquet = pq.read_table(io.BytesIO(write(catalog, question, "parquet")[0]))
        arrow = pyarrow.ipc.open_stream(write(catalog, question, "arrow")[0]).read_all()
        assert parquet.num_rows == arrow.num_rows == rows
        assert parquet.schema.field("money").type == pa.decimal128(9, 2)
        assert arrow.schema.names == ["id", "money", "list"]


def test_equal_names_are_kept_by_parquet_and_arrow(catalog: Catalog) -> None:
    """By position, as in the result."""
    sql = "select 1 as a, 2 as a"
    parquet = pq.ParquetFile(io.BytesIO(write(catalog, sql, "parquet")[0])).read()
    arrow = pyarrow.ipc.open_stream(write(catalog, sql, "arrow")[0]).read_all()

    for table in (parquet, arrow):
        assert [column.to_pylist() for column in table.columns] == [[1], [2]]


def test_what_a_format_cannot_hold_is_a_query_error(catalog: Catalog) -> None:
    """Not a traceback."""
    with pytest.raises(QueryError, match="parquet"):
        write(catalog, "select union_value(k := 1) as u", "parquet")
