"""What the embedded store knows not to have."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from adapters.cache import absent_keys
from adapters.cache.absent_keys import AbsentKeys
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

CLOCK = FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty store."""
    path = tmp_path / "entries.sqlite"
    with closing(connected(path)) as connection:
        connection.execute("create table entries (key integer)")
    return path


@pytest.fixture
def ours(path: Path) -> Generator[sqlite3.Connection]:
    connection = connected(path)
    yield connection
    connection.close()


@pytest.fixture
def theirs(path: Path) -> Generator[sqlite3.Connection]:
    connection = connected(path)
    yield connection
    connection.close()


def connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    return connection


def write(connection: sqlite3.Connection) -> None:
    connection.execute("insert into entries values (1)")


def knows(absent: AbsentKeys, *keys: str, is_writing: bool = False) -> bool:
    return absent.has_none(keys, is_writing=is_writing)


def test_nothing_is_known_before_the_first_look(path: Path) -> None:
    assert not knows(AbsentKeys(path, CLOCK), "a")


def test_an_empty_file_has_only_what_is_put(path: Path, ours: sqlite3.Connection) -> None:
    absent = AbsentKeys(path, CLOCK)
    absent.look(ours)
    assert knows(absent, "a", "b")
    absent.put({"b"})
    write(ours)
    absent.look(ours)
    assert knows(absent, "a", "c")
    assert not knows(absent, "a", "b")


def test_a_file_with_entries_is_not_known(path: Path, ours: sqlite3.Connection) -> None:
    write(ours)
    absent = AbsentKeys(path, CLOCK)
    absent.look(ours)
    assert not knows(absent, "a")


def test_what_others_write_is_seen_at_once(
    path: Path, ours: sqlite3.Connection, theirs: sqlite3.Connection
) -> None:
    absent = AbsentKeys(path, CLOCK)
    absent.look(ours)
    write(theirs)
    assert not knows(absent, "a")
    assert knows(absent, "a", is_writing=True)


def test_what_others_write_before_us_is_seen_soon(
    path: Path, ours: sqlite3.Connection, theirs: sqlite3.Connection
) -> None:
    """Our own writing hides theirs from the look at the log, for a quarter of a second."""
    clock = FakeClock()
    absent = AbsentKeys(path, clock)
    absent.look(ours)
    write(theirs)
    write(ours)
    absent.look(ours)
    clock.advance(0.25)
    assert not knows(absent, "a", is_writing=True)
    absent.look(ours)
    assert not knows(absent, "a")


def test_knowledge_is_renewed(path: Path, ours: sqlite3.Connection) -> None:
    """Rows that are in the file by then are our own."""
    clock = FakeClock()
    absent = AbsentKeys(path, clock)
    for _ in range(3):
        clock.advance(0.25)
        assert not knows(absent, "a")
        absent.look(ours)
        assert knows(absent, "a")
        write(ours)


def test_a_file_that_is_gone_is_not_known(path: Path, ours: sqlite3.Connection) -> None:
    absent = AbsentKeys(path, CLOCK)
    absent.look(ours)
    path.with_name(f"{path.name}-wal").unlink()
    assert not knows(absent, "a")


def test_no_more_keys_are_remembered_than_fit(
    path: Path, ours: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absent_keys, "_MOST_KEYS", 2)
    absent = AbsentKeys(path, CLOCK)
    absent.look(ours)
    absent.put({"a", "b"})
    assert knows(absent, "x")
    absent.put({"c"})
    assert not knows(absent, "x")
    absent.put({"d"})
    absent.look(ours)
    assert not knows(absent, "x")


def test_two_stores_of_one_file(tmp_path: Path) -> None:
    """Each finds what the other has put, although both have seen the file empty."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[SqliteResponseCache]:
        cache = SqliteResponseCache(tmp_path, CLOCK)
        try:
            yield cache
        finally:
            await cache.close()

    async def put(cache: SqliteResponseCache, key: str) -> None:
        await cache.put(key, stored(b"said", clock=CLOCK))
        await cache.usage()  # what is gathered is written first

    async def check() -> None:
        async with opened() as one, opened() as other:
            assert not await one.get_many(["a"])
            assert not await other.get_many(["a"])
            await put(one, "a")
            assert [*await other.get_many(["a", "b"])] == ["a"]
            await put(other, "b")
            assert [*await one.get_many(["b", "c"])] == ["b"]
            assert not await one.get_many(["c"])

    asyncio.run(check())
