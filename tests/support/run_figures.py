"""What runs say of themselves, against the rows that are there."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def check_figures(
    data_dir: Path, runs: Mapping[str, Mapping[str, Any]], manifests: Sequence[Mapping[str, Any]]
) -> None:
    """Each run that made data sets of a version has figures for them; the newest ones are true."""
    for manifest in manifests:
        for name, target, dataset in _made_by(manifest):
            counts = runs[dataset["run_id"]]["tables"].get(name)
            assert counts, f"run {dataset['run_id']} made {name} of {target} and has no figures"
            if manifest is not manifests[-1]:
                continue
            own = sum(_rows_of(data_dir / f["path"], dataset["run_id"]) for f in dataset["files"])
            assert own == counts["published"], f"{name} of {target} has {own} new rows: {counts}"
            kept_out = _kept_out(data_dir, name, target, dataset["run_id"])
            assert kept_out == counts["quarantined"], (
                f"{name} of {target} has {kept_out} rows in quarantine: {counts}"
            )


def _made_by(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The data sets that are new in a version."""
    makers = {manifest["run_id"], *manifest.get("further_runs", ())}
    for name, table in manifest["tables"].items():
        for target, dataset in table["datasets"].items():
            if dataset["run_id"] in makers:
                yield name, target, dataset


def _rows_of(path: Path, run_id: str) -> int:
    return pq.ParquetFile(path).read(["_run_id"]).column(0).to_pylist().count(run_id)


def _kept_out(data_dir: Path, name: str, target: str, run_id: str) -> int:
    domain, _, table = name.partition(".")
    path = data_dir / "quarantine" / domain / table / f"target={target}" / f"run={run_id}.parquet"
    return pq.read_metadata(path).num_rows if path.exists() else 0
