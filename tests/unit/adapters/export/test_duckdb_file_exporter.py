"""A DuckDB file of one's own: whole, readable by older clients, never in the way."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adapters.export.duckdb_file_exporter import DuckDbFileExporter
from application.ports.table_exporter import TableExporter
from domain.errors import ExportError, QueryError, UsageError
from tests.contracts.table_exporter_contract import (
    ROWS,
    TableExporterContract,
    outgoing,
)
from tests.fakes.fake_table_exporter import FakeTableExporter


class TestDuckDbFileExporter(TableExporterContract):
    """The contract; each export is a file of its own."""

    @pytest.fixture(autouse=True)
    def _in(self, tmp_path: Path) -> None:
        self.path = tmp_path / "out.duckdb"

    @pytest.fixture
    def exporter(self) -> TableExporter:
        return DuckDbFileExporter(self.path, force=True)

    def stored(self, name: str) -> list[tuple[Any, ...]] | None:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            try:
                return connection.execute(f"from {name}").fetchall()
            except duckdb.CatalogException:
                return None


class TestFakeTableExporter(TableExporterContract):
    """The fake keeps to the same contract."""

    @pytest.fixture
    def exporter(self) -> TableExporter:
        self.fake = FakeTableExporter()
        return self.fake

    def stored(self, name: str) -> list[tuple[Any, ...]] | None:
        return self.fake.tables.get(name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.duckdb"


def test_meanings_are_comments_and_the_format_is_an_old_one(path: Path) -> None:
    """So that clients of 1.2 and later open it."""
    DuckDbFileExporter(path).export([outgoing()])

    with duckdb.connect(str(path), read_only=True) as connection:
        comments = connection.execute(
            "select column_name, comment from duckdb_columns() where comment is not null"
        ).fetchall()
        table = connection.execute("select comment from duckdb_tables()").fetchall()
        tags = connection.execute(
            "select tags from duckdb_databases() where database_name = 'out'"
        ).fetchall()
    assert comments == [("id", "its name"), ("count", "it's a number")]
    assert table == [("One row an item.",)]
    assert "v1.2.0" in str(tags)


def test_nothing_is_replaced_unasked(path: Path) -> None:
    """Neither a file nor the log of an open one."""
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="--force"):
        DuckDbFileExporter(path).export([outgoing()])
    assert path.read_bytes() == b"mine"

    path.unlink()
    wal = path.with_name("out.duckdb.wal")
    wal.write_bytes(b"of another file")
    with pytest.raises(UsageError, match=r"out\.duckdb\.wal is there"):
        DuckDbFileExporter(path).export([outgoing()])

    DuckDbFileExporter(path, force=True).export([outgoing()])
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("select count(*) from test.items").fetchall() == [(len(ROWS),)]


@pytest.mark.parametrize(
    ("name", "words"),
    [("no/such/out.duckdb", "no folder"), (".", "is a folder"), ("a?b.duckdb", "opens no file")],
)
def test_a_place_that_cannot_be(tmp_path: Path, name: str, words: str) -> None:
    """Said before anything is read."""
    with pytest.raises(UsageError, match=words):
        DuckDbFileExporter(tmp_path / name).export([outgoing()])


def test_drafts_of_the_dead_are_swept_and_those_of_the_living_stay(path: Path) -> None:
    """Only those of this file."""
    dead, living, other = (
        path.with_name(name)
        for name in (
            ".out.duckdb.999999999.part",
            ".out.duckdb.1.part.wal",
            ".other.duckdb.999999999.part",
        )
    )
    for each in (dead, living, other):
        each.write_bytes(b"draft")
    DuckDbFileExporter(path).export([outgoing()])

    assert sorted(each.name for each in path.parent.iterdir()) == [
        ".other.duckdb.999999999.part",
        ".out.duckdb.1.part.wal",
        "out.duckdb",
    ]


def test_a_failure_leaves_nothing(path: Path) -> None:
    """No draft, no file."""
    with pytest.raises(QueryError):
        DuckDbFileExporter(path).export([outgoing(fails=True)])
    assert list(path.parent.iterdir()) == []


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_no_room_is_an_error_of_the_destination(path: Path) -> None:
    """And what was there stays."""
    DuckDbFileExporter(path).export([outgoing(rows=ROWS[:1])])
    before = path.read_bytes()
    with _largest_file(4096), pytest.raises(ExportError, match="cannot be written"):
        DuckDbFileExporter(path, force=True).export([outgoing()])

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["out.duckdb"]
