"""The tables of the `meta` schema, made when they are wanted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.catalog.catalog_names import META_TABLES
from adapters.catalog.meta_tables import meta_table
from application.late_list import LateList
from application.ports.query_engine import Query
from domain.manifest import Manifest
from domain.runs import FetchStatistics, RowCounts, Run
from domain.snapshots import Snapshot
from tests.contracts.manifest_log_contract import AT
from tests.support.sample_runs import sample_run
from tests.unit.adapters.catalog.conftest import Catalog


def _snapshot(version: int) -> Snapshot:
    at = datetime(2026, 1, version, tzinfo=UTC)
    return Snapshot(version, at, f"R{version}", "test", "things", ("test.items",), 5, 100)


def _never[T]() -> Sequence[T]:
    pytest.fail("nobody named a table that needs it")


@pytest.mark.parametrize("name", META_TABLES)
def test_a_table_has_its_columns_without_a_row(name: str) -> None:
    """So that it can be asked before there is anything."""
    table = meta_table(name, Manifest(), (), ())

    assert table.num_rows == 0
    assert table.num_columns > 4


def test_tallies_of_a_run_are_a_map() -> None:
    """How many items took which way, by what is counted."""
    run = replace(sample_run(), tallies={"traits from the list": 7})
    (row,) = meta_table("runs", Manifest(), [run], ()).to_pylist()

    assert row["tallies"] == [("traits from the list", 7)]


def test_the_figures_of_a_run_are_those_of_its_summary() -> None:
    """Pages, items, rate, failures, and each host with what the cache had of it."""
    fetched = FetchStatistics(asked_hosts={"a.test": 3}, cached_hosts={"a.test": 1}, waits={})
    run = replace(
        sample_run(), items=50, total_items=60, pages=4, failures={"gone": 2},
        timings={"fetching": 2.0}, statistics=fetched,
    )  # fmt: skip
    (row,) = meta_table("runs", Manifest(), [run], ()).to_pylist()

    assert (row["items"], row["total_items"], row["pages"], row["rate"]) == (50, 60, 4, 25.0)
    assert row["failures"] == [("gone", 2)]
    assert row["hosts"] == [{"host": "a.test", "requests": 3, "cache_hits": 1, "waited": 0.0}]


def test_snapshots_end_with_the_version() -> None:
    """What came later is not known to it."""
    manifest = Manifest(2, AT, "R2")
    rows = meta_table("snapshots", manifest, (), [_snapshot(n) for n in (1, 2, 3)]).to_pylist()

    assert [row["version"] for row in rows] == [1, 2]
    assert rows[1] == {
        "version": 2,
        "committed_at": datetime(2026, 1, 2, tzinfo=UTC),
        "run_id": "R2",
        "domain": "test",
        "target": "things",
        "tables": ["test.items"],
        "rows": 5,
        "bytes_added": 100,
        "runs": 1,
    }


def test_runs_and_their_checks_are_those_that_are_given() -> None:
    """One row a run, one check a table of it."""
    run = replace(sample_run(), tables={"test.items": RowCounts(3, 2, 1)})

    assert meta_table("runs", Manifest(), [run], ()).to_pylist()[0]["rows_published"] == 2
    (check,) = meta_table("checks", Manifest(), [run], ()).to_pylist()
    assert (check["check_name"], check["passed"], check["quarantined"]) == ("balance", True, 1)


def test_a_query_that_names_no_such_table_looks_at_neither(catalog: Catalog) -> None:
    """Ten thousand runs and versions cost it nothing."""
    runs, snapshots = LateList[Run](_never), LateList[Snapshot](_never)
    for sql in ("select count(*) from items", "select count(*) from meta.files"):
        with catalog.engine.run(Query(sql), catalog.manifest, runs, snapshots) as result:
            assert sum(batch.num_rows for batch in result.batches()) == 1


def test_a_query_of_snapshots_has_all_of_them(catalog: Catalog) -> None:
    """Up to its version, which is 1."""
    snapshots = LateList(lambda: [_snapshot(1), _snapshot(2)])
    query = Query("select version, tables[1] from meta.snapshots")
    with catalog.engine.run(query, catalog.manifest, (), snapshots) as result:
        rows = [row for batch in result.batches() for row in batch.to_pylist()]

    assert [tuple(row.values()) for row in rows] == [(1, "test.items")]
