"""Statements that take more than they may have end within their limits, and harm nobody."""

import contextlib
from pathlib import Path

import pytest

from application.ports.query_engine import Query
from domain.errors import QueryError, QueryTimeoutError
from tests.support.folder_digest import folder_digest
from tests.unit.adapters.catalog.conftest import Catalog

_FILE = Path(__file__).parents[3] / "recordings" / "sql" / "bombs.sql"
_DEEP = {
    "parentheses": "select " + "(" * 5_000 + "1" + ")" * 5_000,
    "sums": "select 1" + "+1" * 20_000,
    "arguments": "select json_array(1" + ",1" * 200_000 + ")",
    "json lists": "select '" + "[" * 100_000 + "]" * 100_000 + "'::json",
    "json objects": "select json_extract('" + '{"a":' * 50_000 + "1" + "}" * 50_000 + "', '$..a')",
    "joined text": "select " + "'a'||" * 20_000 + "'b'",
    "negations": "select " + "not " * 50_000 + "true",
    "cases": "select case " + "when false then 1 " * 50_000 + "else 2 end",
    "unions": "select 1" + " union all select 1" * 20_000,
    "joins": "select count(*) from items" + " cross join items" * 12,
    "nested queries": "select * from (" * 500 + "select 1" + ")" * 500,
    "ctes": "with a0 as (select 1 x)"
    + "".join(f", a{n} as (from a{n - 1} union all from a{n - 1})" for n in range(1, 40))
    + " select count(*) from a39",
    "nothing": "\0" * 1_000_000,
    "comment": "/*" * 500_000,
    "one long name": 'select 1 as "' + "x" * 5_000_000 + '"',
}
_BOMBS = {line: line for line in _FILE.read_text().splitlines() if line[:2] != "--"} | _DEEP
_NAMES = list(_BOMBS)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if n % 3 else ()) for n, name in enumerate(_NAMES)],
)
def test_bombs_go_off_in_a_process_of_their_own(catalog: Catalog, name: str) -> None:
    """They answer within their limits, fail, or are ended; the next query is as quick as ever."""
    before = folder_digest(catalog.root)
    query = Query(_BOMBS[name], timeout=1, memory="200MB", max_rows=10_000, max_bytes=10_000_000)
    rows = 0
    with (
        contextlib.suppress(QueryError, QueryTimeoutError),
        catalog.engine.run(query, catalog.manifest, catalog.runs) as result,
    ):
        rows = sum(batch.num_rows for batch in result.batches())
    assert rows <= 10_000
    assert folder_digest(catalog.root) == before
    assert catalog.rows("select count(*) from items") == [(30,)]
