"""Events, stats and listings of a collection, against the sandbox."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=450)) as base_url:
        yield base_url


def _published(mine: AppProcess, table: str, sql: str) -> list[tuple[Any, ...]]:
    [path] = mine.data_dir.glob(f"*_{table}.parquet")
    with duckdb.connect() as connection:
        return connection.sql(sql.format(table=f"'{path}'")).fetchall()


def test_one_command_brings_all_tables(tmp_path: Path, sandbox: str) -> None:
    """`--with` runs the other sources of the domain; the tables of the first one stay."""
    app = AppProcess(tmp_path, sandbox)
    done = app.run(
        *("ingest", "nft", "pinned-words", "--json", "-p", f"ipfs_gateways={sandbox}"),
        *("-p", "types=sale,mint", "--with", "events,stats,listings"),
    )
    assert done.returncode == 0, done.stderr.decode()
    runs = [json.loads(line) for line in done.stdout.decode().splitlines()]

    assert [list(run["rows"]) for run in runs] == [
        ["nft.nfts", "nft.traits", "nft.collections"],
        ["nft.events"],
        ["nft.stats"],
        ["nft.listings"],
    ]
    assert _published(app, "nfts", "select count(*) from {table}") == [(20,)]
    assert _published(app, "listings", "select count(*), min(price) from {table}") == [
        (20, "0.020000000000000001")
    ]
    kinds = "select distinct event_type from {table} order by all"
    assert _published(app, "events", kinds) == [("mint",), ("sale",)]
    assert _published(app, "stats", "select interval from {table} order by all")[-1] == ("total",)


def test_windows_split_anywhere_give_the_same_events(tmp_path: Path, sandbox: str) -> None:
    """Two spans that meet in the middle of a second are as good as one; what is known stays."""
    whole, parts = AppProcess(tmp_path / "whole", sandbox), AppProcess(tmp_path / "parts", sandbox)
    for each in (whole, parts):
        each.home.mkdir()
    events = ("ingest", "nft", "dxterminal", "--source", "opensea_events", "--json")
    begin, middle, end = "2025-03-01", "2025-03-20T07:00:00.5", "2025-04-15T10:00:00"
    runs = [
        (whole, begin, end),
        (parts, begin, middle),
        (parts, middle, end),
        (parts, begin, middle),
    ]
    for mine, since, until in runs:
        done = mine.run(*events, "--since", since, "--until", until)
        assert done.returncode == 0, done.stderr.decode()
    sql = "select * exclude (_run_id, _fetched_at) from {table} order by all"
    rows = _published(whole, "events", sql)
    assert rows == _published(parts, "events", sql)
    assert len(rows) == len(set(rows)) == 934


def test_an_unknown_table_is_named(tmp_path: Path, sandbox: str) -> None:
    """Exit 5, with the one that was meant."""
    done = AppProcess(tmp_path, sandbox).run("ingest", "nft", "dxterminal", "--with", "event")
    assert done.returncode == 5
    assert b"events" in done.stderr
