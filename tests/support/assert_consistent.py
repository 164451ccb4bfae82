"""Judges a data folder by its files alone, without the program's own readers."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from tests.support.run_figures import check_figures
from tests.support.staged_cuts import check_staged

_PROVENANCE = ("_run_id", "_fetched_at")
_SWEPT_AFTER = 3600  # seconds; a younger temporary file may be in use
_DEPTH, _RUN_AT = 6, 4  # lake/domain/table/target=T/run=R/file
_ENDED = {"succeeded", "partial", "failed", "interrupted"}


def assert_consistent(
    data_dir: Path,
    *,
    settled: bool = False,
    swept: bool = False,
    damaged: Collection[str] = (),
    of_store: bool = False,
    figures: bool = True,
) -> None:
    """Manifests, files, checksums, counts, keys and strays fit each other.

    Args:
        data_dir: the folder.
        settled: no run is under way and an undisturbed one was the last: nothing is left over,
            and all that is derived is of the newest version.
        swept: an undisturbed prune was the last: no file is left that no version names.
        damaged: runs whose staged rows or checkpoint a test has changed behind their back.
        of_store: these are the objects of a store, in which each try of a run has its own folder.
        figures: runs say what they did; those that a test commits without the engine may not.
    """
    if not data_dir.exists():
        return
    pruned = _pruned(data_dir)
    manifests = _manifests(data_dir, pruned)
    runs = _runs(data_dir)
    made = {run_id for each in (*manifests, *pruned.values()) for run_id in _makers(each)}
    for manifest in manifests:
        for path, file in _named(manifest):
            _check_file(data_dir / path, file)
    if manifests:
        newest = manifests[-1]
        for name, table in newest["tables"].items():
            _check_rows(data_dir, name, table, made)
        check_traits(data_dir, newest)
    _check_runs(runs, manifests, pruned)
    if figures:
        check_figures(data_dir, runs, manifests)
    check_staged(data_dir, damaged)
    _check_strays(data_dir, made)
    _check_layout(data_dir, manifests, _DEPTH + of_store)
    if swept:
        _check_unneeded(data_dir, manifests)
    _check_published(data_dir, manifests, settled=settled)
    if settled:
        _check_settled(data_dir, runs, manifests)


def _pruned(data_dir: Path) -> dict[int, dict[str, Any]]:
    """Versions that were removed on purpose, or are about to be."""
    path = data_dir / "_catalog" / "pruned.json"
    found = json.loads(path.read_bytes()) if path.exists() else []
    return {each["version"]: each for each in found}


def _manifests(data_dir: Path, pruned: Mapping[int, object]) -> list[dict[str, Any]]:
    paths = sorted((data_dir / "_catalog" / "v").glob("*.json"))
    numbers = [int(path.stem) for path in paths]
    gone = set(range(1, max(numbers, default=0))) - set(numbers)
    assert gone <= set(pruned), f"versions have gaps: {numbers}"
    assert not pruned or numbers[-1:] > [max(pruned)], f"the newest version was pruned: {numbers}"
    found = [json.loads(path.read_bytes()) for path in paths]
    for number, manifest in zip(numbers, found, strict=True):
        assert manifest["version"] == number, f"version {number} calls itself otherwise"
    ids = [run_id for each in found for run_id in _makers(each)]
    assert len(ids) == len(set(ids)), "a run made two versions"
    return found


def _makers(version: Mapping[str, Any]) -> list[str]:
    """The runs that made a version, in a manifest or in the line of a pruned one."""
    return [version["run_id"], *version.get("further_runs", ())]


def _runs(data_dir: Path) -> dict[str, dict[str, Any]]:
    paths = (data_dir / "_catalog" / "runs").glob("[0-9A-Z]*.json")
    return {path.stem: json.loads(path.read_bytes()) for path in paths}


def _named(manifest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in manifest["tables"].values():
        for dataset in table["datasets"].values():
            for file in dataset["files"]:
                yield file["path"], file


def _check_file(path: Path, file: Mapping[str, Any]) -> None:
    assert path.is_file(), f"{path} is named by a version and not there"
    content = path.read_bytes()
    assert len(content) == file["bytes"], f"{path} has {len(content)} bytes, not {file['bytes']}"
    assert hashlib.sha256(content).hexdigest() == file["sha256"], f"{path} has another SHA-256"
    rows = pq.read_metadata(path).num_rows
    assert rows == file["rows"], f"{path} has {rows} rows, not {file['rows']}"


def _check_rows(data_dir: Path, name: str, table: Mapping[str, Any], made: set[str]) -> None:
    names = [field["name"] for field in table["schema"]]
    for target, dataset in table["datasets"].items():
        seen: set[tuple[Any, ...]] = set()
        for file in dataset["files"]:
            found = pq.ParquetFile(data_dir / file["path"]).read()
            assert found.column_names == names, f"{name} of {target} has other columns"
            keys = list(zip(*(found.column(key).to_pylist() for key in table["key"]), strict=True))
            assert len(keys) == len({*keys} - seen), f"{name} of {target} has a key twice"
            seen.update(keys)
            assert keys == sorted(keys, key=_nulls_first), f"{name} of {target} is not in order"
            for column in _PROVENANCE:
                assert not found.column(column).null_count, f"{name} of {target} lacks {column}"
            strangers = set(found.column("_run_id").to_pylist()) - made
            assert not strangers, f"{name} of {target} has rows of {strangers}, which made nothing"


def _nulls_first(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    parts = [part.encode() if isinstance(part, str) else part for part in key]
    return [(part is not None, part) for part in parts]


def check_traits(data_dir: Path, manifest: Mapping[str, Any]) -> None:
    """Both tables of a collection are of one run, and count the same."""
    tables = manifest["tables"]
    if "nft.nfts" not in tables or "nft.traits" not in tables:
        return
    for target, nfts in tables["nft.nfts"]["datasets"].items():
        traits = tables["nft.traits"]["datasets"][target]
        assert nfts["run_id"] == traits["run_id"], f"{target} is of two runs"
        counted = dict(_keyed(data_dir, nfts, "trait_count"))
        there = Counter(key for key, _ in _keyed(data_dir, traits, "position"))
        wrong = {key: n for key, n in counted.items() if n != there.pop(key, 0)}
        assert not wrong, f"{target} counts other traits than it has: {list(wrong.items())[:5]}"
        assert not there, f"{target} has traits of nothing: {list(there)[:5]}"


def _keyed(
    data_dir: Path, dataset: Mapping[str, Any], name: str
) -> Iterator[tuple[tuple[str, str], Any]]:
    """A column, each value with the NFT that it is of."""
    for file in dataset["files"]:
        found = pq.ParquetFile(data_dir / file["path"]).read(["contract", "identifier", name])
        contracts, identifiers, values = (
            found.column(each).to_pylist() for each in ("contract", "identifier", name)
        )
        yield from zip(zip(contracts, identifiers, strict=True), values, strict=True)


def _check_runs(
    runs: Mapping[str, Mapping[str, Any]],
    manifests: list[dict[str, Any]],
    pruned: Mapping[int, dict[str, Any]],
) -> None:
    versions = {
        run_id: each["version"]
        for each in (*pruned.values(), *manifests)
        for run_id in _makers(each)
    }
    for run_id, version in versions.items():
        assert run_id in runs, f"version {version} is of a run that the log does not know"
    for run_id, run in runs.items():
        for name, counts in run["tables"].items():
            parts = counts["published"] + counts["quarantined"] + counts["deduplicated"]
            assert counts["fetched"] == parts, f"run {run_id}: {name} does not add up: {counts}"
        if run_id in versions:
            assert run["state"] not in {"failed", "interrupted"}, f"run {run_id} made a version"
            assert run["version"] in {None, versions[run_id]}, f"run {run_id} names another version"
        elif run["state"] in {"succeeded", "partial"}:
            assert run["unchanged"], f"run {run_id} says it published and did not"


def _check_strays(data_dir: Path, made: set[str]) -> None:
    """What a run left outside its staging area is named by a version, or the area is there."""
    areas = {path.name for path in (data_dir / "_staging").glob("*")}
    for path in [*data_dir.glob("lake/*/*/*/run=*"), *data_dir.glob("quarantine/*/*/*/run=*")]:
        run_id = path.name.removeprefix("run=").removesuffix(".parquet")
        assert run_id in made | areas, f"{path} belongs to nobody"


def _check_layout(data_dir: Path, manifests: list[dict[str, Any]], depth: int) -> None:
    """Nothing lies in the lake but run folders; in those of versions nothing but what they name."""
    named = {path for manifest in manifests for path, _ in _named(manifest)}
    folders = {str(Path(path).parent) for path in named}
    for path in (data_dir / "lake").rglob("*"):
        relative = path.relative_to(data_dir)
        if path.is_dir():
            continue
        in_run = len(relative.parts) == depth and relative.parts[_RUN_AT].startswith("run=")
        assert in_run, f"{relative} lies where no run writes"
        if str(relative.parent) in folders and path.name != "profile.json":
            assert str(relative) in named, f"{relative} is named by no version"


def _check_unneeded(data_dir: Path, manifests: list[dict[str, Any]]) -> None:
    """Every folder of the lake is named by a version, unless its run is not over."""
    areas = {path.name for path in (data_dir / "_staging").glob("*")}
    named = {str(Path(path).parent) for each in manifests for path, _ in _named(each)}
    for folder in data_dir.glob("lake/*/*/*/run=*"):
        is_over = folder.name.removeprefix("run=") not in areas
        path = str(folder.relative_to(data_dir))
        assert path in named or not is_over, f"{path} is named by no version"


def _check_published(data_dir: Path, manifests: list[dict[str, Any]], *, settled: bool) -> None:
    """Each published file is, byte for byte, that of a version; of the newest one in the end."""
    digests: dict[str, set[str]] = {}
    for manifest in manifests[-1:] if settled else manifests:
        for name, table in manifest["tables"].items():
            for target, dataset in table["datasets"].items():
                published = f"{target}_{name.partition('.')[2]}.parquet"
                digests.setdefault(published, set()).update(f["sha256"] for f in dataset["files"])
    for path in data_dir.glob("*.parquet"):
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        assert found in digests.get(path.name, set()), f"{path.name} is of no version"
    if settled:
        missing = set(digests) - {path.name for path in data_dir.glob("*.parquet")}
        assert not missing, f"not published: {missing}"


def _check_settled(
    data_dir: Path, runs: Mapping[str, Mapping[str, Any]], manifests: list[dict[str, Any]]
) -> None:
    for area in (data_dir / "_staging").glob("*"):
        assert (area / "checkpoint.json").is_file(), f"{area} was left behind"
        assert runs[area.name]["resumable"], f"{area} is of a run that cannot go on"
    long_ago = time.time() - _SWEPT_AFTER
    left = [
        path
        for path in data_dir.rglob(".*tmp*")
        if ".cache" not in path.parts and path.stat().st_mtime < long_ago
    ]
    left += data_dir.glob(".*.tmp*")
    assert not left, f"temporary files were left: {left}"
    for run_id, run in runs.items():
        assert run["state"] in _ENDED, f"run {run_id} still says {run['state']}"
    if not manifests:
        return
    with duckdb.connect(str(data_dir / "catalog.duckdb"), read_only=True) as catalog:
        for name, table in manifests[-1]["tables"].items():
            counted = f"select _run_id, count(*) from {name} group by all"  # ours
            found = dict(catalog.sql(counted).fetchall())
            wanted: Counter[Any] = Counter()
            for dataset in table["datasets"].values():
                for file in dataset["files"]:
                    rows = pq.ParquetFile(data_dir / file["path"]).read(["_run_id"])
                    wanted.update(rows.column(0).to_pylist())
            assert found == wanted, f"catalog.duckdb has {found} rows of {name}, not {wanted}"
