"""What a query costs: ours in its sandbox, next to DuckDB over the same files and native tables.

python benchmarks/query_latency.py [--candles 50000000] [--rounds 5] [--write]
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
from contenders import APP, OURS, environment
from dependency_injector import providers
from many_candles import add_candles
from measured_run import measure
from report import circumstances, replace_measured
from static_upstream import serving

from application.ports.query_engine import Query
from application.query_catalog import CatalogVersion
from entrypoints.container import Container
from entrypoints.settings import Settings

_NFTS = 36_600
_UNTIL_WARM = 1.0  # seconds
_QUERIES: Mapping[str, str] = {
    "NFTs: count": "select count(*) from nfts",
    "NFTs: one by its identifier": "select * from nfts where identifier = '777'",
    "NFTs: most frequent traits": (
        "select trait_type, value, count(*) as n from traits group by all order by n desc limit 10"
    ),
    "NFTs: join with traits": (
        "select n.name, count(*) from nfts n join traits t using (collection, contract, identifier)"
        " group by all order by all limit 10"
    ),
    "candles: count": "select count(*) from candles",
    "candles: one symbol, one day": (
        "select * from candles where symbol = 'S07USDT' and open_time >= '2021-01-03' "
        "and open_time < '2021-01-04'"
    ),
    "candles: one symbol, daily bars of a year": (
        "select time_bucket(interval 1 day, open_time) as day, first(open order by open_time), "
        "max(high), min(low), last(close order by open_time), sum(volume) from candles "
        "where symbol = 'S07USDT' and open_time < '2022-01-01' group by all order by day"
    ),
    "candles: aggregate of all": (
        "select symbol, avg(close), max(high), min(low), sum(volume) from candles group by all "
        "order by symbol"
    ),
}
_WHAT = (
    "{nfts:,} NFTs and {candles:,} candles of 50 symbols; medians of {rounds} alternating rounds, "
    "milliseconds."
)
_COMMAND = [sys.executable, "-c", "import duckdb; print(duckdb.sql('select 1').fetchall())"]

type Ask = Callable[[str], list[tuple[object, ...]]]


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, serving(_NFTS) as upstream:
        home = Path(name)
        own = environment(upstream.base_url, home)
        os.environ.update(own)
        measure(OURS.command(upstream.base_url, home), upstream, home, own)
        add_candles(home / "output", options.candles)
        native = _native(home)
        lines = [
            *circumstances(upstream.name, load),
            _WHAT.format(nfts=_NFTS, candles=options.candles, rounds=options.rounds),
            "",
            *_compare(home, native, options.rounds),
        ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("query", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--candles", type=int, default=50_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    return parser.parse_args()


def _native(home: Path) -> Path:
    """The same rows as tables of a DuckDB file."""
    path = home / "native.duckdb"
    lake = home / "output" / "lake"
    with duckdb.connect(str(path)) as connection:
        for table, files in (
            ("nfts", "nft/nfts"), ("traits", "nft/traits"), ("candles", "crypto/candles"),
        ):  # fmt: skip
            connection.execute(
                f"create table {table} as from read_parquet('{lake}/{files}/*/*/*.parquet', "
                "hive_partitioning = false)"
            )
    return path


def _compare(home: Path, native: Path, rounds: int) -> Iterator[str]:
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    ours, warm_up = _ours(home / "output")
    with duckdb.connect(str(native), read_only=True) as tables, _views(home) as views:
        ways: Mapping[str, Ask] = {
            "native": lambda sql: tables.execute(sql).fetchall(),
            "views": lambda sql: views.execute(sql).fetchall(),
            "ours": ours,
            "app": lambda sql: _command([str(APP), "query", sql, "--format", "json"], home),
        }
        for _ in range(rounds + 1):  # the first round is not counted
            for title, sql in _QUERIES.items():
                for way, ask in ways.items():
                    if way == "ours":
                        warm_up()
                    started = time.perf_counter()
                    rows = len(ask(sql))
                    taken[title, way].append((time.perf_counter() - started) * 1000)
                    assert rows, title
            for way, command in (
                ("app", [str(APP), "query", "select 1 as one", "--format", "json"]),
                ("views", _COMMAND),
            ):
                started = time.perf_counter()
                _command(command, home)
                taken["select 1, as a command", way].append((time.perf_counter() - started) * 1000)
    yield (
        "| query | DuckDB, native tables | DuckDB, the same Parquet files | ours, in its sandbox "
        "| ours more than DuckDB over the files | `app query`, the whole command |"
    )
    yield "|---|---:|---:|---:|---:|---:|"
    for title in _QUERIES:
        found = {way: statistics.median(taken[title, way][1:]) for way in ways}
        more = found["ours"] - found["views"]
        yield (
            f"| {title} | {found['native']:.1f} | {found['views']:.1f} | {found['ours']:.1f} "
            f"| {more:+.1f} | {found['app']:.0f} |"
        )
    start = {w: statistics.median(taken["select 1, as a command", w][1:]) for w in ("app", "views")}
    yield (
        f"| `select 1`; for DuckDB `python -c` as a command |  | {start['views']:.0f} |  |  "
        f"| {start['app']:.0f} |"
    )


def _ours(data_dir: Path) -> tuple[Ask, Callable[[], None]]:
    """The engine of `app query` with a worker that waits, as a long-lived program has it."""
    container = Container(settings=providers.Object(Settings(data_dir=str(data_dir))))
    catalog, engine = container.query_catalog(), container.query_engine()
    version: CatalogVersion = asyncio.run(catalog.latest())

    def ask(sql: str) -> list[tuple[object, ...]]:
        with engine.run(Query(sql, timeout=120), version.manifest, version.runs) as result:
            return [tuple(row.values()) for batch in result.batches() for row in batch.to_pylist()]

    def warm_up() -> None:
        engine.warm_up()
        time.sleep(_UNTIL_WARM)

    return ask, warm_up


@contextmanager
def _views(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Plain DuckDB over the published files."""
    lake = home / "output" / "lake"
    with duckdb.connect() as connection:
        for view, files in (
            ("nfts", "nft/nfts"), ("traits", "nft/traits"), ("candles", "crypto/candles"),
        ):  # fmt: skip
            connection.execute(
                f"create view {view} as from read_parquet('{lake}/{files}/*/*/*.parquet', "
                "hive_partitioning = false)"
            )
        yield connection


def _command(command: list[str], home: Path) -> list[tuple[object, ...]]:
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout) if command[0] == str(APP) else [done.stdout]
    return [(row,) for row in rows]


if __name__ == "__main__":
    main()
