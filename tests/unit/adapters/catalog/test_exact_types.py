"""Types that Arrow would carry wrongly are carried otherwise."""

import duckdb
import pytest

from adapters.catalog.exact_types import exact

UHUGE = f"{2**128 - 1}::uhugeint"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect(":memory:")
    opened.execute("set TimeZone = 'UTC'")
    return opened


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("'12:00:00+02'::timetz", "VARCHAR"),
        ("'101'::bit", "VARCHAR"),
        ("'POINT(1 2)'::geometry", "VARCHAR"),
        ("{'a': 1}::variant", "JSON"),
        (UHUGE, "BIGNUM"),
        (f"[{UHUGE}]", "BIGNUM[]"),
        (f"[{UHUGE}]::uhugeint[1]", "BIGNUM[1]"),
        (f"map {{'k': {UHUGE}}}", "MAP(VARCHAR, BIGNUM)"),
        (f"union_value(k := {UHUGE})", "UNION(k BIGNUM)"),
        (f"row({UHUGE}, 1)", "TUPLE(BIGNUM, INTEGER)"),
        (
            f"{{'a \"b': [{UHUGE}], 'e': 'x'::enum('x', 'y)')}}",
            "STRUCT(\"a \"\"b\" BIGNUM[], e ENUM('x', 'y)'))",
        ),
    ],
)
def test_odd_types_are_cast_however_deep(
    connection: duckdb.DuckDBPyConnection, value: str, kind: str
) -> None:
    """The types around them stay."""
    relation = exact(connection.sql(f"select {value} as x"))

    assert list(map(str, relation.types)) == [kind]
    assert relation.to_arrow_table().num_rows == 1


def test_other_columns_and_names_are_left_alone(connection: duckdb.DuckDBPyConnection) -> None:
    """Also equal names, and values that are bound."""
    odd = connection.sql(
        'select 1 as a, \'12:00:00+02\'::timetz as a, $p as "a""b"', params={"p": "x"}
    )
    plain = connection.sql("select 1 as a, [1] as b")

    assert exact(plain) is plain
    assert exact(odd).columns == odd.columns
    assert exact(odd).fetchall() == [(1, "12:00:00+02", "x")]
