"""The `meta` schema: runs, data sets, snapshots, files, checks, quarantine, as Arrow tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from domain.host_figures import host_figures
from domain.manifest import Manifest
from domain.runs import Run
from domain.snapshots import Snapshot

_TEXT, _WHOLE, _MOMENT = pa.string(), pa.int64(), pa.timestamp("us", tz="UTC")
_HOST = pa.struct(
    [("host", _TEXT), ("requests", _WHOLE), ("cache_hits", _WHOLE), ("waited", pa.float64())]
)

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
        ("tallies", pa.map_(_TEXT, _WHOLE)),
        *((name, _WHOLE) for name in ("pages", "total_items")),
        ("rate", pa.float64()),
        ("failures", pa.map_(_TEXT, _WHOLE)),
        ("hosts", pa.list_(_HOST)),
        ("carried", _WHOLE),
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
        *((name, _TEXT) for name in ("run_id", "domain", "target")),
        ("tables", pa.list_(_TEXT)),
        *((name, _WHOLE) for name in ("rows", "bytes_added", "runs")),
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


def meta_table(
    name: str, manifest: Manifest, runs: Sequence[Run], snapshots: Sequence[Snapshot]
) -> pa.Table:
    """A table of the `meta` schema at a version.

    Args:
        name: of a table, see `META_TABLES`.
        manifest: the version.
        runs: those known with it; looked at only for `runs` and `checks`.
        snapshots: all versions; looked at only for `snapshots`, which end with this version.
    """
    rows: Iterator[dict[str, Any]]
    match name:
        case "runs":
            rows = map(_run, runs)
        case "checks":
            rows = _checks(runs)
        case "snapshots":
            rows = (_snapshot(each) for each in snapshots if each.version <= manifest.version)
        case "datasets":
            rows = _datasets(manifest)
        case _:
            rows = _files(manifest)
    made = list(rows)  # columns one by one take a third of the time of `Table.from_pylist`
    return pa.table(
        {column: pa.array([row[column] for row in made], kind) for column, kind in _SHAPES[name]}
    )


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
        "tallies": list(run.tallies.items()),
        "pages": run.pages,
        "total_items": run.total_items,
        "rate": run.rate,
        "failures": list(run.failures.items()),
        "hosts": [asdict(each) for each in host_figures(counts)],
        "carried": counts.carried,
    }


def _snapshot(each: Snapshot) -> dict[str, Any]:
    return {
        "version": each.version,
        "committed_at": each.committed_at,
        "run_id": each.run_id,
        "domain": each.domain,
        "target": each.target,
        "tables": list(each.tables),
        "rows": each.rows,
        "bytes_added": each.bytes,
        "runs": len(each.runs),
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
