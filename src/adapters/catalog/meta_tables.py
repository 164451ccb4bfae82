"""The `meta` schema: runs, data sets, snapshots, files, checks, quarantine, as Arrow tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from domain.manifest import Manifest
from domain.runs import Run

_TEXT, _WHOLE, _MOMENT = pa.string(), pa.int64(), pa.timestamp("us", tz="UTC")

_SHAPES: Mapping[str, Sequence[tuple[str, pa.DataType]]] = {
    "runs": (
        *((name, _TEXT) for name in ("run_id", "domain", "target", "source", "state")),
        *((name, _MOMENT) for name in ("started_at", "finished_at")),
        *(
            (name, _WHOLE)
            for name in (
                "rows_published", "rows_quarantined", "rows_deduplicated", "requests",
                "cache_hits", "revalidated", "retries", "bytes",
            )
        ),
        ("error", _TEXT),
        *((name, _WHOLE) for name in ("version", "attempts", "items", "throttled", "stale")),
        *((name, pa.bool_()) for name in ("unchanged", "resumable")),
        *((name, pa.float64()) for name in ("seconds", "waited_seconds")),
        ("timings", pa.map_(_TEXT, pa.float64())),
    ),
    "datasets": (
        *((name, _TEXT) for name in ("table_name", "target", "source")),
        *((name, _WHOLE) for name in ("rows", "files", "bytes")),
        ("run_id", _TEXT),
        ("committed_at", _MOMENT),
    ),
    "snapshots": (
        ("version", _WHOLE),
        ("committed_at", _MOMENT),
        ("run_id", _TEXT),
        ("domain", _TEXT),
        ("target", _TEXT),
    ),
    "files": (
        *((name, _TEXT) for name in ("table_name", "target", "run_id", "path")),
        *((name, _WHOLE) for name in ("rows", "bytes")),
        ("sha256", _TEXT),
    ),
    "checks": (
        *((name, _TEXT) for name in ("run_id", "table_name", "check_name")),
        ("passed", pa.bool_()),
        *((name, _WHOLE) for name in ("fetched", "published", "quarantined", "deduplicated")),
    ),
}  # fmt: skip


def meta_tables(manifest: Manifest, runs: Sequence[Run]) -> dict[str, pa.Table]:
    """Each table of the `meta` schema but `quarantine`, by its name."""
    rows = {
        "runs": [_run(run) for run in runs],
        "datasets": list(_datasets(manifest)),
        "snapshots": [
            _snapshot(run) for run in runs if run.version is not None and not run.unchanged
        ],
        "files": list(_files(manifest)),
        "checks": list(_checks(runs)),
    }
    return {
        name: pa.Table.from_pylist(rows[name], pa.schema([pa.field(*each) for each in shape]))
        for name, shape in _SHAPES.items()
    }


def _run(run: Run) -> dict[str, Any]:
    counts = run.statistics
    return {
        "run_id": run.run_id,
        "domain": run.domain,
        "target": run.target,
        "source": run.source,
        "state": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "rows_published": run.total("published"),
        "rows_quarantined": run.total("quarantined"),
        "rows_deduplicated": run.total("deduplicated"),
        "requests": counts.requests,
        "cache_hits": counts.cache_hits,
        "revalidated": counts.revalidated,
        "retries": counts.retries,
        "bytes": counts.bytes,
        "error": run.error,
        "version": run.version,
        "attempts": run.attempts,
        "items": run.items,
        "throttled": counts.throttled,
        "stale": counts.stale,
        "unchanged": run.unchanged,
        "resumable": run.resumable,
        "seconds": run.seconds,
        "waited_seconds": counts.waited,
        "timings": list(run.timings.items()),
    }


def _snapshot(run: Run) -> dict[str, Any]:
    return {
        "version": run.version,
        "committed_at": run.finished_at,
        "run_id": run.run_id,
        "domain": run.domain,
        "target": run.target,
    }


def _datasets(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for name, table in sorted(manifest.tables.items()):
        for target, dataset in sorted(table.datasets.items()):
            yield {
                "table_name": name,
                "target": target,
                "source": dataset.source,
                "rows": dataset.rows,
                "files": len(dataset.files),
                "bytes": sum(file.bytes for file in dataset.files),
                "run_id": dataset.run_id,
                "committed_at": dataset.committed_at,
            }


def _files(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for name, table in sorted(manifest.tables.items()):
        for target, dataset in sorted(table.datasets.items()):
            for file in dataset.files:
                yield {
                    "table_name": name,
                    "target": target,
                    "run_id": dataset.run_id,
                    "path": file.path,
                    "rows": file.rows,
                    "bytes": file.bytes,
                    "sha256": file.sha256,
                }


def _checks(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    for run in runs:
        for name, counts in run.tables.items():
            yield {
                "run_id": run.run_id,
                "table_name": name,
                "check_name": "balance",
                "passed": counts.balanced,
                "fetched": counts.fetched,
                "published": counts.published,
                "quarantined": counts.quarantined,
                "deduplicated": counts.deduplicated,
            }
