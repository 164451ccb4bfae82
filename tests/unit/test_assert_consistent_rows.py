"""The judge of data folders looks into the rows, whatever their checksums say."""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.assert_consistent import assert_consistent, check_traits
from tests.support.simulated_world import Fault, World

type Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two versions."""
    world = World(tmp_path_factory.mktemp("world"), random.Random(1), items=10)
    world.settle()
    world.change()
    world.settle()
    return world.root


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copytree(published, tmp_path / "folder")
    return tmp_path / "folder"


def _newest(root: Path) -> Path:
    return max((root / "_catalog/v").glob("0*.json"))


def _rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads(path.read_bytes())
    change(value)
    path.unlink()
    path.write_text(json.dumps(value))


def _with_rows(root: Path, change: Callable[[Rows], Rows], table: str = "items") -> None:
    """The newest file of a table with other rows, and a manifest that vouches for them."""

    def vouch(manifest: dict[str, Any]) -> None:
        (file,) = manifest["tables"][f"test.{table}"]["datasets"]["things"]["files"]
        path = root / file["path"]
        found = pq.read_table(path)
        rows = change(found.to_pylist())
        path.unlink()
        pq.write_table(pa.Table.from_pylist(rows, found.schema), path)
        file |= {
            "rows": len(rows),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        link = root / f"things_{table}.parquet"
        link.unlink()
        os.link(path, link)

    _rewritten(_newest(root), vouch)


def _with(change: dict[str, Any]) -> Callable[[Rows], Rows]:
    return lambda rows: [rows[0] | change, *rows[1:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: [rows[0], *rows], "key twice"),
        (lambda rows: rows[::-1], "not in order"),
        (_with({"_run_id": "NOBODY"}), "made nothing"),
        (_with({"_run_id": None}), "lacks _run_id"),
        (_with({"_fetched_at": None}), "lacks _fetched_at"),
        (lambda rows: rows[1:], "new rows"),
    ],
    ids=["twice", "order", "stranger", "no run", "no time", "lost"],
)
def test_rows_that_should_not_be_are_found(
    root: Path, change: Callable[[Rows], Rows], words: str
) -> None:
    """A key twice, another order, rows of nobody, rows that the balance does not know."""
    _with_rows(root, change)

    with pytest.raises(AssertionError, match=words):
        assert_consistent(root)


def test_a_key_in_two_files_of_a_data_set_is_found(root: Path) -> None:
    """Each file is in order by itself."""

    def add(manifest: dict[str, Any]) -> None:
        files = manifest["tables"]["test.items"]["datasets"]["things"]["files"]
        files.append(files[0])

    _rewritten(_newest(root), add)
    with pytest.raises(AssertionError, match="key twice"):
        assert_consistent(root)


def _change_the_number_of_rows(root: Path) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["tables"]["test.items"]["datasets"]["things"]["files"][0]["rows"] += 1

    _rewritten(_newest(root), change)


def _cut_a_file(root: Path) -> None:
    path = max(root.glob("lake/test/items/*/*/part-00000.parquet"))
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1])


def _drop_the_figures(root: Path) -> None:
    _rewritten(root / "_catalog/runs/RUN2.json", lambda run: run.update(tables={}))


def _balance_another_way(root: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["tables"]["test.items"]["published"] -= 1
        run["tables"]["test.items"]["deduplicated"] += 1

    _rewritten(root / "_catalog/runs/RUN2.json", change)


def _claim_a_quarantine(root: Path) -> None:
    def change(run: dict[str, Any]) -> None:
        run["tables"]["test.items"]["fetched"] += 1
        run["tables"]["test.items"]["quarantined"] += 1

    _rewritten(root / "_catalog/runs/RUN2.json", change)


def _let_a_run_make_two_versions(root: Path) -> None:
    _rewritten(_newest(root), lambda manifest: manifest.update(run_id="RUN1"))


def _name_another_version(root: Path) -> None:
    _rewritten(root / "_catalog/runs/RUN1.json", lambda run: run.update(version=2))


def _prune_the_newest(root: Path) -> None:
    (root / "_catalog/pruned.json").write_text(json.dumps([{"version": 2, "run_id": "RUN2"}]))


def _add_a_file_to_a_run(root: Path) -> None:
    (max(root.glob("lake/test/items/*/*")) / "part-00001.parquet").write_bytes(b"x")


def _drop_a_file_into_the_lake(root: Path) -> None:
    (root / "lake/test/notes.txt").write_text("x")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_change_the_number_of_rows, "rows, not"),
        (_cut_a_file, "bytes, not"),
        (_drop_the_figures, "no figures"),
        (_balance_another_way, "new rows"),
        (_claim_a_quarantine, "in quarantine"),
        (_let_a_run_make_two_versions, "two versions"),
        (_name_another_version, "another version"),
        (_prune_the_newest, "newest version was pruned"),
        (_add_a_file_to_a_run, "named by no version"),
        (_drop_a_file_into_the_lake, "where no run writes"),
    ],
)
def test_files_and_figures_that_do_not_fit_are_found(
    root: Path, damage: Callable[[Path], None], words: str
) -> None:
    """Counts of manifests and runs, and what lies in the lake."""
    damage(root)

    with pytest.raises(AssertionError, match=words):
        assert_consistent(root)


def test_a_catalog_of_another_version_is_found(tmp_path: Path) -> None:
    """Its rows may be as many as those of the newest."""
    world = World(tmp_path, random.Random(1), items=10)
    world.settle()
    catalog = world.root / "catalog.duckdb"
    older = catalog.read_bytes()
    world.change()
    world.settle()
    catalog.write_bytes(older)

    with pytest.raises(AssertionError, match=r"catalog\.duckdb has"):
        assert_consistent(world.root, settled=True)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A folder with a run that can go on."""
    world = World(tmp_path, random.Random(3), items=60)
    assert world.ingest(Fault("network", 40)) is None
    assert list(world.root.glob("_staging/*/checkpoint.json"))
    return world.root


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("checkpoint.json", _flip, "another checkpoint than was written"),
        ("checkpoint.json", _cut, "another checkpoint than was written"),
        ("items.arrows", _flip, "has changed"),
        ("items.arrows", _cut, "are gone"),
    ],
)
def test_a_checkpoint_that_does_not_fit_what_is_staged_is_found(
    stopped: Path, name: str, damage: Callable[[Path], None], words: str
) -> None:
    """Unless a test has done that itself."""
    (path,) = stopped.glob(f"_staging/*/{name}")
    assert_consistent(stopped)
    damage(path)

    with pytest.raises(AssertionError, match=words):
        assert_consistent(stopped)
    assert_consistent(stopped, damaged={path.parent.name})


@pytest.mark.parametrize(
    ("counts", "traits", "words"),
    [
        ({"1": 2, "2": 0}, ["1", "1"], None),
        ({"1": 2, "2": 0}, ["1"], "counts other traits"),
        ({"1": 1, "2": 0}, ["1", "1"], "counts other traits"),
        ({"1": 1}, ["1", "7"], "traits of nothing"),
    ],
)
def test_traits_that_do_not_fit_their_nfts_are_found(
    tmp_path: Path, counts: dict[str, int], traits: list[str], words: str | None
) -> None:
    """One too few, one too many, one of an NFT that is not there."""
    tables: dict[str, dict[str, list[Any]]] = {
        "nft.nfts": {"identifier": [*counts], "trait_count": [*counts.values()]},
        "nft.traits": {"identifier": traits, "position": [*range(len(traits))]},
    }
    datasets = {}
    for name, columns in tables.items():
        rows = pa.table(columns | {"contract": ["0x1"] * len(columns["identifier"])})
        pq.write_table(rows, tmp_path / name)
        datasets[name] = {"datasets": {"dx": {"run_id": "R", "files": [{"path": name}]}}}

    if words is None:
        check_traits(tmp_path, {"tables": datasets})
        return
    with pytest.raises(AssertionError, match=words):
        check_traits(tmp_path, {"tables": datasets})


def test_tables_of_two_runs_are_found(tmp_path: Path) -> None:
    """NFTs of one version and traits of another are half a version each."""
    tables: dict[str, Any] = {
        name: {"datasets": {"dx": {"run_id": name, "files": []}}}
        for name in ("nft.nfts", "nft.traits")
    }
    with pytest.raises(AssertionError, match="two runs"):
        check_traits(tmp_path, {"tables": tables})


def test_a_temporary_file_beside_the_published_ones_is_found_in_the_end(root: Path) -> None:
    """Each publication sweeps them."""
    (root / ".things_items.parquet.7.tmp").write_bytes(b"x")

    assert_consistent(root)
    with pytest.raises(AssertionError, match="temporary"):
        assert_consistent(root, settled=True)
