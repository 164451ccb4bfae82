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
from application.ports.result_writer import Layout, ResultWriter, Written
from domain.errors import QueryError
from domain.sql_names import quoted
from tests.contracts.result_writer_contract import FORMATS, ResultWriterContract
from tests.support.duckdb_rows import DuckDbRows

CONNECTION = duckdb.connect(":memory:")
ITEMS = "select 'item ' || i as id from range(30) t(i)"
BIG = str(2**127 - 1)
TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


def write(sql: str, style: str, **options: Any) -> tuple[bytes, Written]:
    """A query in a format."""
    sink = io.BytesIO()
    result = DuckDbRows(sql, options.pop("parameters", None), batch=options.pop("batch", 10_000))
    written = ArrowResultWriter().write(result, Layout(style, **options), sink)
    return sink.getvalue(), written


def text(sql: str, style: str, **options: Any) -> str:
    return write(sql, style, **options)[0].decode()


class TestArrowResultWriter(ResultWriterContract):
    @pytest.fixture
    def writer(self) -> ResultWriter:
        return ArrowResultWriter()


@settings(max_examples=25, deadline=None)
@given(values=st.lists(TEXT, min_size=1, max_size=4))
def test_any_text_survives_csv_json_and_ndjson(values: list[str]) -> None:
    """Quotes, commas, line breaks, control and foreign characters."""
    names = [f"c{n}" for n in range(len(values))]
    sql = "select " + ", ".join(f"${name} as {name}" for name in names)
    parameters = dict(zip(names, values, strict=True))

    rows = list(csv.reader(io.StringIO(text(sql, "csv", parameters=parameters), newline="")))
    assert rows == [names, values]
    assert json.loads(text(sql, "json", parameters=parameters)) == [parameters]
    assert json.loads(text(sql, "ndjson", parameters=parameters)) == parameters


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
        ("-0.0::double", "-0.0"),
        ("1e3::double", "1000.0"),
        ("1e300::double", "1e+300"),
        ("'nan'::double", "nan"),
        ("'-inf'::float", "-inf"),
        ("0.1::float", "0.1"),
        ("[0.1::float]", "[0.1]"),
        ("0.0000000001::decimal(38,10)", "0.0000000001"),
        ("340282366920938463463374607431768211455::uhugeint", str(2**128 - 1)),
        ("[340282366920938463463374607431768211455::uhugeint]", f"[{2**128 - 1}]"),
        ("-123456789012345678901234567890123456789012345678::bignum",
         "-123456789012345678901234567890123456789012345678"),
        ("'12:00:00+02'::timetz", "12:00:00+02"),
        ("['12:00:00.5-05:30'::timetz]", '"[""12:00:00.5-05:30""]"'),
        ("time '24:00:00'", "24:00:00"),
        ("time '23:59:59.5'", "23:59:59.500000"),
        ("timestamp_ms '2026-01-02 03:04:05.5'", "2026-01-02T03:04:05.500"),
        ("'101'::bit", "101"),
        ("{'a': 1, 'b': date '2026-01-02'}::variant", '"{""a"":1,""b"":""2026-01-02""}"'),
        ("union_value(k := true)", "true"),
        ("union_value(k := {'a': timestamp '2026-01-02 03:04:05'})",
         '"{""a"":""2026-01-02T03:04:05""}"'),
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
def test_values_are_written_exactly(sql: str, expected: str) -> None:
    """Big numbers keep their digits, times are ISO 8601, nested values are JSON."""
    assert text(f"select {sql}", "csv", header=False) == f"{expected}\n"


def test_json_keeps_numbers_exact_and_nan_is_null() -> None:
    """Decimals and integers of any size are numbers with all their digits."""
    huge = f"select {2**128 - 1}::uhugeint as u, {2**127 - 1}::hugeint as h, {10**60}::bignum as b"
    assert text(huge, "ndjson") == f'{{"u":{2**128 - 1},"h":{2**127 - 1},"b":{10**60}}}\n'

    sql = (
        "select 9007199254740993::bigint as big, 1.10::decimal(9,2) as money, "
        "'nan'::double as nan, null as nothing, [{'a': 1}] as nested"
    )
    line = text(sql, "ndjson")

    assert line == (
        '{"big":9007199254740993,"money":1.10,"nan":null,"nothing":null,"nested":[{"a":1}]}\n'
    )


def test_null_and_empty_text_can_be_told_apart() -> None:
    """CSV quotes an empty text, and one that reads like NULL; elsewhere `--null` tells."""
    sql = "select null as a, '' as b"

    assert text(sql, "csv") == 'a,b\n,""\n'
    assert text(sql, "csv", null="NULL") == "a,b\nNULL,\n"
    assert text(f"{sql}, 'NULL' as c", "csv", null="NULL") == 'a,b,c\nNULL,,"NULL"\n'
    assert text(sql, "tsv", null=r"\N") == "a\tb\n\\N\t\n"


def test_tsv_and_markdown_keep_one_row_a_line() -> None:
    """Tabs, line breaks and pipes inside values are escaped."""
    sql = r"select e'a\tb\nc\\d' as x, 'p|q' as y, 1 as n"

    assert text(sql, "tsv", header=False) == "a\\tb\\nc\\\\d\tp|q\t1\n"
    assert text(sql, "markdown").splitlines() == [
        "| x | y | n |",
        "| --- | --- | ---: |",
        "| a\tb<br>c\\d | p\\|q | 1 |",
    ]
    assert text(r"select 'a\|b\\|' as x", "markdown").splitlines()[2] == (r"| a\\\|b\\\\\| |")


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
def test_maps_are_objects_wherever_they_stand(value: str, expected: object) -> None:
    """Keys become text, since JSON has no others."""
    assert json.loads(text(f"select {value} as x", "ndjson")) == {"x": expected}


def test_a_batch_that_is_cut_keeps_its_nested_values() -> None:
    """A slice of a batch shares its memory with the rows around it."""
    sql = (
        "select case when i % 3 > 0 then map {i: [i, i + 1]} end as m, "
        "case when i % 4 > 0 then {'a': i} end as s, "
        "case when i % 5 > 0 then [i]::bigint[1] end as f, "
        "case when i % 2 > 0 then [(date '2026-01-01')::union(n bigint, d date), i] end as u, "
        "case when i % 3 > 0 then i::union(n bigint, d date) end as v "
        "from range(30) t(i) order by i offset 7"
    )
    rows = [json.loads(line) for line in text(sql, "ndjson", limit=11).splitlines()]

    assert rows == [
        {
            "m": {str(i): [i, i + 1]} if i % 3 else None,
            "s": {"a": i} if i % 4 else None,
            "f": [i] if i % 5 else None,
            "u": ["2026-01-01", i] if i % 2 else None,
            "v": i if i % 3 else None,
        }
        for i in range(7, 18)
    ]


@pytest.fixture(scope="module")
def every_type() -> list[str]:
    with duckdb.connect(":memory:") as connection:
        return [
            str(name) for name, *_ in connection.sql("describe from test_all_types()").fetchall()
        ]


@pytest.mark.parametrize("style", FORMATS)
def test_every_type_of_the_engine_can_be_written(every_type: list[str], style: str) -> None:
    """With its least and its greatest value and NULL; files with types have no such HUGEINT."""
    left_out = {"hugeint"} if style in {"parquet", "arrow", "arrow-file"} else set[str]()
    if style == "parquet":
        left_out |= {"interval", "empty_struct", "union"}
    names = ", ".join(quoted(name) for name in every_type if name not in left_out)

    assert write(f"select {names} from test_all_types()", style)[1].rows == 3


def test_json_columns_are_set_in_as_they_are() -> None:
    """Digits, and on one line; what is no JSON stays a text."""
    sql = """select '{"a": [1.000000000000000000001,\n 2]}'::json as j, null::json as n"""
    assert text(sql, "ndjson") == '{"j":{"a":[1.000000000000000000001,2]},"n":null}\n'
    assert text("select '[1'::varchar as j", "ndjson") == '{"j":"[1"}\n'


def test_a_field_a_line_shows_long_rows() -> None:
    """Names to the right; further lines of a value cannot pass for another field."""
    sql = r"select 1 as id, e'first\nname = forged' as name, null as none from range(2)"

    assert text(sql, "line").split("\n\n")[0].splitlines() == [
        "  id = 1",
        "name = first",
        "       name = forged",
        "none = NULL",
    ]
    assert text("select '' as a from range(2)", "line", null="-") == "a = \n\na = \n"


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


def test_a_table_is_aligned_and_cut_to_the_width() -> None:
    """Numbers to the right, NULL shown, wide characters counted as two."""
    sql = "select * from (values ('a', 1), ('日本', 200), (null, null)) t(name, n)"

    assert text(sql, "table").splitlines() == [
        "name     n",
        "────  ────",
        "a        1",
        "日本   200",
        "NULL  NULL",
    ]
    wide = text(f"select '{'x' * 300}' as a, 'y' as b", "table", width=40)
    assert max(map(len, wide.splitlines())) == 40
    assert "…" in wide


def test_a_table_shows_types_where_asked() -> None:
    """Short ones; a long one is cut."""
    sql = (
        "select 1 as n, now() as at, 'a'::enum('a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbb') as e, null as x"
    )

    assert text(sql, "table", types=True).splitlines()[1].split() == [
        "integer",
        "timestamptz",
        "enum('a',",
        "'bbbbbbbbbbbb…",
        '"null"',
    ]
    assert text("select 1 as n", "table", types=True, header=False) == "1\n"


def test_columns_that_find_no_room_are_counted() -> None:
    """And a sign stands in their place."""
    shown, written = write("select 1111111 as a, 2 as b, 3333333 as c", "table", width=12)

    assert shown.decode().splitlines() == [
        "     a  b  …",
        "──────  ─  …",
        "11111…  2  …",
    ]
    assert written.hidden == 1


def test_marks_upon_letters_take_no_room() -> None:
    """Nor does a cell of a million letters take long."""
    sql = "select e'e\u0301' as a, '本' as b, repeat('日', 1000000) as c, 1 as n"
    head, ruler, row = text(sql, "table", width=40).splitlines()

    assert head.split() == ["a", "b", "c", "n"]
    assert [len(each) for each in ruler.split()] == [1, 2, 30, 1]
    assert row == f"e\u0301  本  {'日' * 14} …  1"


def test_terminal_escapes_in_data_are_shown_and_not_obeyed() -> None:
    """Colours, cursor moves, titles, and text that runs backwards."""
    sql = r"select e'\x1b[31mred\x1b]0;title\x07' || chr(8238) || e'\nsecond line' as x"

    shown = text(sql, "table")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) == 3
    assert "\x1b" not in text('select 1 as "a\x1b[1m"', "table")
    plan = text("explain select '\x1b[31m' from range(3)", "table")
    assert "\x1b" not in plan


@pytest.mark.parametrize("style", ["csv", "tsv", "json", "ndjson", "markdown", "line"])
def test_files_and_pipes_get_the_data_as_it_is(style: str) -> None:
    """Only a terminal has control characters spelled out; JSON has its own words for them."""
    shown = text("select '\x7f\x9b' || chr(8238) as x", style)

    assert "\x7f\x9b\u202e" in shown


def test_a_plan_is_shown_as_it_is_drawn() -> None:
    """EXPLAIN keeps its lines."""
    assert len(text(f"explain {ITEMS}", "table", width=80).splitlines()) > 3


def test_the_limit_is_kept_and_told() -> None:
    """More rows than the limit are said to be there; just as many are not."""
    _, cut = write(ITEMS, "csv", limit=10)
    _, whole = write(ITEMS, "csv", limit=30)

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
        ("line", ""),
    ],
)
def test_no_rows_are_written_as_no_rows(style: str, expected: str) -> None:
    """The header is there."""
    assert text(f"select id from ({ITEMS}) where false", style) == expected


def test_equal_names_get_numbers_in_json() -> None:
    """Nothing is lost to a repeated key."""
    assert json.loads(text("select 1 as a, 2 as a, 3 as a", "ndjson")) == {
        "a": 1,
        "a_2": 2,
        "a_3": 3,
    }


def test_parquet_and_arrow_keep_rows_and_types() -> None:
    """What goes in comes out, also when it is nothing."""
    sql = "select i as id, 1.5::decimal(9,2) as money, [1] as list from range(30) t(i)"
    for question, rows in ((sql, 30), (f"select * from ({sql}) where false", 0)):
        parquet = pq.read_table(io.BytesIO(write(question, "parquet")[0]))
        arrow = pyarrow.ipc.open_stream(write(question, "arrow")[0]).read_all()
        assert parquet.num_rows == arrow.num_rows == rows
        assert parquet.schema.field("money").type == pa.decimal128(9, 2)
        assert arrow.schema.names == ["id", "money", "list"]


def test_equal_names_are_kept_by_parquet_and_arrow() -> None:
    """By position, as in the result."""
    sql = "select 1 as a, 2 as a"
    parquet = pq.ParquetFile(io.BytesIO(write(sql, "parquet")[0])).read()
    arrow = pyarrow.ipc.open_stream(write(sql, "arrow")[0]).read_all()

    for table in (parquet, arrow):
        assert [column.to_pylist() for column in table.columns] == [[1], [2]]


@pytest.mark.parametrize(
    ("value", "styles"),
    [
        ("union_value(k := 1)", ["parquet"]),
        ("interval 1 day", ["parquet"]),
        ("[interval 1 day]", ["parquet"]),
        (f"{2**127 - 1}::hugeint", ["parquet", "arrow", "arrow-file"]),
        (f"[{2**127 - 1}::hugeint]", ["parquet", "arrow", "arrow-file"]),
        ("[1::bignum]", ["parquet", "arrow", "arrow-file"]),
    ],
)
def test_what_a_format_cannot_hold_is_a_query_error(value: str, styles: list[str]) -> None:
    """It names the column and says what to do."""
    for style in styles:
        with pytest.raises(QueryError, match=rf"{style} cannot hold the column 'odd one'.*cast it"):
            write(f'select 1 as a, {value} as "odd one"', style)


def test_numbers_without_a_type_there_are_text_in_files() -> None:
    """Exact, where a DOUBLE would lose digits."""
    content, _ = write(f"select {2**128 - 1}::uhugeint as u", "parquet")

    assert pq.read_table(io.BytesIO(content)).to_pylist() == [{"u": str(2**128 - 1)}]


def test_parquet_is_written_in_large_row_groups() -> None:
    """Whatever the size of the batches; readers skip by them."""
    content, _ = write("select i from range(300000) t(i)", "parquet")
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata

    assert metadata.num_rows == 300_000
    assert metadata.num_row_groups == 3


def test_an_arrow_file_is_one_that_can_be_sought_in() -> None:
    """Words of an ENUM stay the same over all batches."""
    word = "case when i % 2 = 0 then 'a' else 'b' end"
    sql = f"select ({word})::enum('a', 'b') as e from range(9000) t(i)"
    content, _ = write(sql, "arrow-file", batch=2048)
    with pyarrow.ipc.open_file(content) as file:
        assert file.num_record_batches > 1
        assert file.read_all().column("e").to_pylist() == ["a", "b"] * 4500


@pytest.mark.parametrize("style", ["csv", "json", "parquet"])
def test_rows_beyond_the_limit_are_counted_where_asked(style: str) -> None:
    """As far as that is quick."""
    few = write("select i from range(5000) t(i)", style, limit=10, count_more=True)[1]
    many = write("select i from range(500000) t(i)", style, limit=10, count_more=True)[1]
    exact = write("select i from range(10) t(i)", style, limit=10, count_more=True)[1]

    assert few == Written(10, truncated=True, more=4990)
    assert many == Written(10, truncated=True, more=None)
    assert exact == Written(10, truncated=False, more=0)


def test_huge_cells_are_written_a_few_rows_at_a_time() -> None:
    """More text than a batch may hold at once."""
    content, written = write("select repeat('x', 30000000) as x from range(5)", "csv")

    assert written.rows == 5
    assert len(content) == 2 + 5 * 30_000_001
