"""Values that are typed on a command line, beside columns that have types."""

import pytest

from application.ports.query_engine import Query
from application.query_hints import with_hints
from domain.errors import QueryError
from tests.unit.adapters.catalog.conftest import Catalog

NUMBERS = "(select i as n, i / 2 as half, i::varchar as word from range(20) t(i))"


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("n > $x", 10),
        ("half > $x", 1),
        ("word = $x", 1),
        ("word > $x", 0),
        ("n between 5 and $x", 5),
        ("n in ($x, 3)", 2),
        ("n + $x = 10", 1),
        ("n = any(string_split($x, ',')::bigint[])", 1),
        ("n < round($x::double) and n > $x::int - 3", 2),
    ],
)
def test_a_value_takes_the_type_of_what_it_meets(
    catalog: Catalog, condition: str, count: int
) -> None:
    """As docs/query.md has it: `-p x=9`."""
    sql = f"select count(*) from {NUMBERS} where {condition}"

    assert catalog.rows(sql, parameters={"x": "9"}) == [(count,)]


def test_a_value_may_limit_the_rows(catalog: Catalog) -> None:
    """There too as a number."""
    assert len(catalog.rows(f"from {NUMBERS} limit $x", parameters={"x": "9"})) == 9


@pytest.mark.parametrize(
    ("sql", "parameters", "told"),
    [
        ("select * from items where id = $id", {}, "needs a value for $id: -p id=…"),
        ("select $a, $b", {"a": "1"}, "needs a value for $b"),
        ("select $a", {"a": "1", "z": "1"}, "There is no $z in the SQL"),
        ("select 1", {"z": "1"}, "There is no $z in the SQL"),
        ("select naame from items", {}, 'Did you mean "name"?'),
        ("select i.naame from items i", {}, 'Did you mean "name"?'),
        ("select zzzzz from items", {}, "Columns of test.items: id, name"),
        ("select i.zzzzz from items i", {}, "Columns of test.items: id, name"),
    ],
)
def test_the_engine_speaks_as_the_hints_expect(
    catalog: Catalog, sql: str, parameters: dict[str, str], told: str
) -> None:
    """A new version of it may not, which is seen here."""
    query = Query(sql, parameters)
    with (
        pytest.raises(QueryError) as caught,
        catalog.engine.run(query, catalog.manifest, catalog.runs) as result,
    ):
        list(result.batches())

    hinted = with_hints(str(caught.value), query, catalog.manifest)
    assert told in hinted
    assert ("LINE 1: " in hinted) == ("LINE 1: " in str(caught.value))
