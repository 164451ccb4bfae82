"""SQL over one version: it reads what is published, and nothing else."""

import asyncio
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.catalog_views import CatalogViews
from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from application.ports.query_engine import Query, QueryEngine
from domain.errors import QueryError, QueryTimeoutError, StatementRefusedError, UsageError
from domain.manifest import Manifest
from domain.schema import Field, Kind, Schema
from domain.sql_names import literal, quoted
from tests.contracts.query_engine_contract import QueryEngineContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.folder_digest import folder_digest
from tests.support.sample_runs import item_rows, sample_run, seal_items, sealed_and_committed
from tests.unit.adapters.catalog.conftest import Catalog

CONNECTION = duckdb.connect(":memory:")
RECORDINGS = Path(__file__).parents[3] / "recordings"
HOSTILE = [
    line
    for line in (RECORDINGS / "sql" / "hostile.sql").read_text().splitlines()
    if not line.startswith("--")
]


class TestSandboxedQueryEngine(QueryEngineContract):
    """The contract, over a real data folder."""

    @pytest.fixture
    def engine(self, catalog: Catalog) -> QueryEngine:
        return catalog.engine

    @pytest.fixture
    def manifest(self, catalog: Catalog) -> Manifest:
        return catalog.manifest


@pytest.mark.parametrize("statement", HOSTILE)
def test_hostile_statements_do_nothing(catalog: Catalog, statement: str, tmp_path: Path) -> None:
    """They are refused or fail; no file changes, inside or beside the data folder."""
    sql = statement.replace("$D", str(catalog.root)).replace("$H", str(catalog.root.parent))
    sql = sql.replace("/tmp/", f"{tmp_path}/")
    before = folder_digest(catalog.root.parent)
    with pytest.raises(QueryError):
        catalog.rows(sql, timeout=5)

    assert folder_digest(catalog.root.parent) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from items",
        "select count(*) from test.items i join test.details d using (id)",
        "with recursive r as (select 1 a union all select a + 1 from r where a < 5) from r",
        "describe items",
        "summarize items",
        "show tables",
        "show all tables",
        "from items limit 3",
        "table items limit 1",
        "select * from (pivot details on color in ('color 0', 'color 1') using count(*)) limit 3",
        "select count(*) from details group by all",
        "from items, lateral (select 1)",
        "select * from items tablesample 10 rows",
        "select *, row_number() over (partition by status order by id) from items",
        "select list(id)[1], {'a': 1}.a, json_extract('{\"a\": 2}', '$.a') from items",
        "explain select * from items",
        "values (1), (2)",
        "from range(3)",
        "select unnest([1, 2, 3])",
        "select * from items union all by name select * from items",
        "select * from items where id in (select id from details)",
        "select 'copy x to y; drop table z' as harmless",
        "select 1;",
        "-- a comment\nselect 1 -- another",
        "from meta.runs, meta.datasets, meta.snapshots, meta.files, meta.checks, meta.quarantine",
        "select * from runs",
    ],
)
def test_reading_statements_pass(catalog: Catalog, statement: str) -> None:
    """What people who know SQL expect to work."""
    catalog.rows(statement)


def test_rows_come_from_the_named_version(catalog: Catalog) -> None:
    """Short and qualified names are the same table; versions without it do not have it."""
    assert catalog.rows("select count(*) from items") == [(30,)]
    assert catalog.rows("select count(*) from test.items") == [(30,)]
    with pytest.raises(QueryError, match="items"):
        replace(catalog, manifest=Manifest()).rows("from items")


def test_targets_of_different_schemas_are_one_table(tmp_path: Path) -> None:
    """A target that was ingested before a column was added has NULL there."""
    folder = DataFolder(tmp_path / "output")
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    run = sample_run("RUN1", "old")
    asyncio.run(seal_items(writer, run, item_rows(2), commit_to=manifests))
    items, *others = SAMPLE.tables
    schema = Schema((Field("colour", Kind.STRING), *items.schema.fields))
    source = replace(SAMPLE, tables=(replace(items, schema=schema), *others))

    async def grown() -> None:
        async with writer.open(sample_run("RUN2", "new"), source) as staging:
            staging.append("items", [("red", "9", "Nine", "ok")], FETCHED_AT)
            await sealed_and_committed(staging, manifests)

    asyncio.run(grown())
    manifest = asyncio.run(manifests.latest())
    both = Catalog(folder.root, manifest, [], SandboxedQueryEngine(folder.root))
    assert both.rows("select id, colour from items order by id") == [
        ("00000", None),
        ("00001", None),
        ("9", "red"),
    ]


def test_meta_tables_tell_about_runs_data_sets_and_files(catalog: Catalog) -> None:
    """The columns that others rely on."""
    assert catalog.rows("select run_id, state from meta.runs") == [("RUN1", "running")]
    assert catalog.rows('select table_name, rows from meta.datasets order by "rows"') == [
        ("test.items", 30),
        ("test.details", 60),
    ]
    assert catalog.rows("select count(*), min(length(sha256)) from meta.files") == [(2, 64)]


def test_parameters_are_bound_and_never_part_of_the_sql(catalog: Catalog) -> None:
    """A quote in a value stays a quote."""
    found = catalog.rows("select $x as x", parameters={"x": "'; drop view items --"})
    assert found == [("'; drop view items --",)]
    assert catalog.rows(
        "select count(*) from items where id < $id", parameters={"id": "00005"}
    ) == [(5,)]
    with pytest.raises(QueryError, match="x"):
        catalog.rows("select $x")


def test_a_query_that_takes_too_long_is_ended(catalog: Catalog) -> None:
    """The message names the option."""
    with pytest.raises(QueryTimeoutError, match="--timeout"):
        catalog.rows("select count(*) from range(10000000) a, range(10000000) b", timeout=0.2)


def test_a_query_that_wants_too_much_memory_fails_alone(catalog: Catalog) -> None:
    """An error of the query, not of the program."""
    with pytest.raises(QueryError, match=r"[Mm]emory"):
        catalog.rows("select list(i) from range(20000000) t(i)", memory="20MB")


@pytest.mark.parametrize("memory", ["", "lots", "-1GB", "1GB; drop", "1e9"])
def test_memory_is_an_amount(catalog: Catalog, memory: str) -> None:
    """Nothing else reaches the engine."""
    with pytest.raises(UsageError):
        catalog.rows("select 1", memory=memory)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), 1e30])
def test_a_time_limit_is_an_amount(catalog: Catalog, timeout: float) -> None:
    """What the engine could not count is refused in our words."""
    with pytest.raises(UsageError, match="time limit"):
        catalog.rows("select 1", timeout=timeout)


def test_errors_point_at_the_place_and_name_what_is_near(catalog: Catalog) -> None:
    """DuckDB's caret line, and our tables as suggestions."""
    with pytest.raises(QueryError, match=r"\n +\^"):
        catalog.rows("select\n  id,\n  nonsense\nfrom items")
    with pytest.raises(QueryError, match="Nearest tables here: items"):
        catalog.rows("from itmes")
    with pytest.raises(QueryError, match=r"Tables here: .*test\.details"):
        catalog.rows("from zzzzzzzz")


def test_refusals_say_what_is_allowed(catalog: Catalog) -> None:
    """One sentence."""
    with pytest.raises(StatementRefusedError, match="Queries only read"):
        catalog.rows("copy items to 'x.csv'")
    with pytest.raises(StatementRefusedError, match="IN"):
        catalog.rows("pivot details on color using count(*)")


def test_deeply_nested_sql_is_an_error_and_not_a_crash(catalog: Catalog) -> None:
    """Parsers have limits."""
    for sql in ("select " + "(" * 5000 + "1" + ")" * 5000, "select 1" + "+1" * 20000):
        with pytest.raises(QueryError):
            catalog.rows(sql)


def test_results_stream_and_tell_their_columns(catalog: Catalog) -> None:
    """Types are SQL's; batches are bounded."""
    query = Query("select i, i::varchar as t from range(50000) r(i)")
    with catalog.engine.run(query, catalog.manifest, []) as result:
        sizes = [batch.num_rows for batch in result.batches()]

    assert [(column.name, column.type) for column in result.columns] == [
        ("i", "BIGINT"),
        ("t", "VARCHAR"),
    ]
    assert sum(sizes) == 50000
    assert max(sizes) <= 20000


def test_a_missing_file_of_the_version_is_a_query_error(catalog: Catalog, tmp_path: Path) -> None:
    """It names the file."""
    elsewhere = SandboxedQueryEngine(tmp_path)
    with (
        pytest.raises(QueryError, match="part-00000"),
        elsewhere.run(Query("from items"), catalog.manifest, []) as result,
    ):
        list(result.batches())


@pytest.mark.parametrize(
    "sql",
    [
        "select distinct table_name from information_schema.tables",
        "select distinct table_name from information_schema.columns",
        "select tablename from pg_catalog.pg_tables",
        "select name from (show all tables)",
        "select distinct table_name from duckdb_columns()",
    ],
)
def test_the_engines_own_catalog_shows_what_there_is(catalog: Catalog, sql: str) -> None:
    """Though views are made only for what a statement names."""
    names = {name for (name,) in catalog.rows(sql)}

    assert names >= ({"runs"} if "pg_tables" in sql else {"items", "details", "runs"})


def test_no_answer_tells_where_the_files_are(catalog: Catalog) -> None:
    """Not in any relation of the engine that may be read."""
    with duckdb.connect(":memory:") as connection:
        listed = connection.sql(
            "select schema_name || '.' || view_name from duckdb_views() where internal"
        ).fetchall()
    assert len(listed) > 30
    for (name,) in listed:
        try:
            rows = catalog.rows(f"select * from {name}")
        except QueryError:
            continue
        assert str(catalog.root) not in str(rows), name


@pytest.mark.parametrize(
    "sql",
    [
        "/* a plan */ explain select * from items",
        "-- a plan\nexplain -- of this\nselect * from items",
        "explain (format json) select * from items",
        "EXPLAIN\nSELECT 1",
    ],
)
def test_plans_may_be_asked_for_in_many_ways(catalog: Catalog, sql: str) -> None:
    """Comments and formats included; never ANALYZE, which runs the statement."""
    assert catalog.rows(sql)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "beginning",
    [
        "/**/" * 20_000,
        "/*" * 20_000,
        "/*" + "*" * 50_000,
        "--a" * 20_000 + "\n",
        " " * 50_000,
        "explain" + "/**/" * 20_000 + "(" + " " * 20_000,
        "explain (format " + "a" * 50_000,
    ],
)
def test_long_beginnings_are_judged_in_no_time(catalog: Catalog, beginning: str) -> None:
    """No text makes the search for EXPLAIN go back and forth for ever."""
    with pytest.raises(QueryError):
        catalog.rows(beginning + "copy items to 'x.csv'")


def test_functions_nested_too_deeply_are_a_query_error(catalog: Catalog) -> None:
    """DuckDB allows more than Python's reader of its tree."""
    with pytest.raises(QueryError):
        catalog.rows("select " + "abs(" * 900 + "1" + ")" * 900)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_any_text_is_a_name_and_a_literal(text: str) -> None:
    """Quoting is safe for every text that SQL can hold."""
    with CONNECTION.cursor() as connection:
        assert connection.sql(f"select {literal(text)}").fetchall() == [(text,)]
        if text:
            assert connection.sql(f"select 1 as {quoted(text)}").columns == [text]


def test_files_of_one_shape_are_not_all_opened_to_learn_their_columns(
    tmp_path: Path,
) -> None:
    """Of ten thousand targets a query opens those that it reads; unknown shapes are compared."""
    folder = DataFolder(tmp_path / "output")
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    for name in ("one", "two"):
        run = sample_run(f"RUN-{name}", name)
        asyncio.run(seal_items(writer, run, item_rows(2), commit_to=manifests))
    manifest = asyncio.run(manifests.latest())

    def sql(of: Manifest) -> str:
        with duckdb.connect() as connection:
            CatalogViews(folder.root, of, ()).create(connection, ["test.items"], "memory")
            query = "select sql from duckdb_views() where view_name = 'items'"
            ((found,),) = connection.execute(query).fetchall()
            return str(found)

    items = manifest.tables["test.items"]
    unknown = {name: replace(each, shape="") for name, each in items.datasets.items()}
    older = replace(manifest, tables={"test.items": replace(items, datasets=unknown)})
    assert "(union_by_name = false)" in sql(manifest)
    assert "(union_by_name = true)" in sql(older)
