"""All that is derived, made anew from the manifests."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from domain.retention import Retention
from domain.runs import RunState
from tests.support.assert_consistent import assert_consistent
from tests.support.catalog_history import CatalogHistory


@pytest.fixture
def catalog(tmp_path: Path) -> CatalogHistory:
    """Three versions of one target."""
    catalog = CatalogHistory(tmp_path / "output")
    catalog.grow(3)
    return catalog


def _overwrite(path: Path) -> None:
    """As a file of its own: what shares its bytes with the lake is damage to the lake."""
    path.unlink()
    path.write_bytes(b"damaged")


@pytest.mark.parametrize("damage", [Path.unlink, _overwrite])
def test_derived_files_come_back(catalog: CatalogHistory, damage: Callable[[Path], None]) -> None:
    """Published files, the catalog file and the notes beside them; deleted or damaged."""
    names = ["things_items.parquet", "things_details.parquet", "catalog.duckdb"]
    for name in (*names, "_catalog/published"):
        damage(catalog.root / name)
    report = asyncio.run(catalog.rebuild.execute())

    assert report.version == 3
    assert sorted(report.published) == sorted(names)
    assert (list(report.runs), list(report.pruned)) == ([], [])
    assert pq.read_metadata(catalog.root / "things_items.parquet").num_rows == 3
    with duckdb.connect(str(catalog.root / "catalog.duckdb"), read_only=True) as opened:
        assert opened.sql("select count(*) from test.items").fetchall() == [(3,)]
        assert opened.sql("select max(version) from meta.snapshots").fetchall() == [(3,)]
    assert_consistent(catalog.root, settled=True)


def test_f110_a_lost_record_of_a_run_is_made_from_its_version(catalog: CatalogHistory) -> None:
    """Deleted or unreadable: when it was, of what, and how many rows; a note says so."""
    (catalog.root / "_catalog" / "runs" / "01RUN00002.json").unlink()
    (catalog.root / "_catalog" / "runs" / "01RUN00003.json").write_text("{")
    report = asyncio.run(catalog.rebuild.execute())
    run = asyncio.run(catalog.runs.get("01RUN00002"))

    assert sorted(report.runs) == ["01RUN00002", "01RUN00003"]
    assert (run.domain, run.target, run.source, run.version) == ("test", "things", "sample", 2)
    assert (run.state, run.tables["test.items"].published) == (RunState.SUCCEEDED, 2)
    assert "made again" in run.notes[0]
    assert_consistent(catalog.root, settled=True)


def test_the_index_of_runs_is_dropped(catalog: CatalogHistory) -> None:
    """Whatever it says."""
    index = catalog.root / "_catalog" / "runs.index"
    index.write_bytes(b"nonsense")
    report = asyncio.run(catalog.rebuild.execute())

    assert "_catalog/runs.index" in report.dropped
    assert not index.exists()
    assert len(asyncio.run(catalog.runs.all())) == 3


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_the_record_of_pruned_versions_comes_back_from_their_runs(
    catalog: CatalogHistory, content: str | None
) -> None:
    """Deleted or unreadable; what was there is set aside."""
    asyncio.run(catalog.prune.execute(Retention(keep=1)))
    path = catalog.root / "_catalog" / "pruned.json"
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    report = asyncio.run(catalog.rebuild.execute())

    assert list(report.pruned) == [1, 2]
    assert [each["run_id"] for each in json.loads(path.read_text())] == ["01RUN00001", "01RUN00002"]
    assert path.with_suffix(".damaged").exists() is (content is not None)
    assert_consistent(catalog.root, settled=True)


def test_an_empty_folder_can_be_rebuilt(tmp_path: Path) -> None:
    """There is a catalog file without tables then."""
    report = asyncio.run(CatalogHistory(tmp_path).rebuild.execute())

    assert (report.version, list(report.published)) == (0, ["catalog.duckdb"])
