"""What writing a large result costs in each format, next to DuckDB writing CSV by itself.

python benchmarks/query_formats.py [--rows 10000000] [--rounds 3] [--formats csv ndjson …] [--write]

Each run is a whole `app query … -o FILE` in a process of its own, start included; the rows are made
by DuckDB as it goes, so that what is measured is the way from its vectors to the file. The peer is
a Python process that says COPY … TO. Memory is the greatest sum over the process tree, each page
divided by the processes that share it (PSS), sampled.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from contenders import APP
from report import replace_measured

_SQL = """
select i as id, 'item ' || i as name, (i * 7919 % 1000003) / 100.0 as price,
       timestamptz '2024-01-01 00:00:00+00' + to_seconds(i) as seen,
       date '2020-01-01' + (i % 3000)::int as day,
       case when i % 10 = 0 then null else i % 97 end as count
from range({rows}) t(i)
"""
_COPY = """
import duckdb, sys
connection = duckdb.connect()
connection.execute("set TimeZone = 'UTC'; set memory_limit = '2GB'")
connection.execute("set enable_progress_bar = false")
connection.execute(f"copy ({sys.argv[1]}) to '{sys.argv[2]}' (header, preserve_order true)")
"""
_PEER = "DuckDB's COPY to csv"
_FORMATS = ("csv", "tsv", "json", "ndjson", "md", "parquet", "arrow", "csv.gz", "csv.zst")
_SAMPLES = 0.02  # seconds between two looks at the memory
_HEAD = (
    "| | wall s (range) | rows/s | MB written | peak MB of the tree | wall ÷ DuckDB's csv |",
    "|---|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class _Run:
    """One run: seconds, bytes of the file, bytes of memory."""

    wall: float
    size: int
    memory: int


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", nargs="*", default=list(_FORMATS))
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    runs: dict[str, list[_Run]] = defaultdict(list)
    sql = " ".join(_SQL.format(rows=given.rows).split())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(given.rounds):
            file = folder / "peer.csv"
            runs[_PEER].append(_run([sys.executable, "-c", _COPY, sql, str(file)], file))
            for suffix in given.formats:
                file = folder / f"ours.{suffix}"
                runs[suffix].append(_run([APP, "query", sql, "-o", str(file)], file))
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow"))
    lines = [
        (
            f"{given.rows:,} rows of 6 columns, {given.rounds} alternating rounds, "
            f"{os.cpu_count()} cores, {versions}; load of the machine beforehand {load:.1f}."
        ),
        "",
        *_HEAD,
    ]
    peer = statistics.median(run.wall for run in runs[_PEER])
    lines += [_row(label, each, given.rows, peer) for label, each in runs.items()]
    text = "\n".join(lines)
    print(text)
    if given.write:
        replace_measured("query-formats", text)


def _run(command: Sequence[str], file: Path) -> _Run:
    file.unlink(missing_ok=True)
    os.sync()
    began = time.perf_counter()
    environment = {"PATH": os.environ["PATH"], "HOME": str(file.parent), "TZ": "UTC"}
    with subprocess.Popen(
        command, cwd=file.parent, env=environment, stdin=subprocess.DEVNULL
    ) as process:
        peak = _Peak(process.pid)
        peak.start()
        code = process.wait()
        wall = time.perf_counter() - began
        peak.join()
    if code:
        message = f"{' '.join(map(str, command))} ended with {code}."
        raise SystemExit(message)
    return _Run(wall, file.stat().st_size, peak.bytes)


class _Peak(threading.Thread):
    """The greatest memory of a process and its descendants, until it ends."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self.bytes = 0

    def run(self) -> None:
        while pages := sum(map(_shared, _tree(self._root))):
            self.bytes = max(self.bytes, pages)
            time.sleep(_SAMPLES)


def _tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting.extend(map(int, children.read_text().split()))
            except OSError:
                continue
    return found


def _shared(process: int) -> int:
    """Bytes, each page divided by its sharers; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _row(label: str, runs: Sequence[_Run], rows: int, peer: float) -> str:
    walls = sorted(run.wall for run in runs)
    wall = statistics.median(walls)
    memory = max(run.memory for run in runs) / 1e6
    size = runs[0].size / 1e6
    return (
        f"| {label} | {wall:.1f} ({walls[0]:.1f}-{walls[-1]:.1f}) | {rows / wall:,.0f} "
        f"| {size:,.0f} | {memory:,.0f} | {wall / peer:.2f} |"
    )


if __name__ == "__main__":
    main()
