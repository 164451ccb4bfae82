"""The embedded store."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.cache import cache_database
from adapters.cache.entry_rows import stored_key
from adapters.cache.sqlite_response_cache import FILE_NAME, SqliteResponseCache
from application.ports.response_cache import PurgeFilter, ResponseCache
from domain.errors import StorageError
from tests.contracts.response_cache_contract import Opener, ResponseCacheContract, stored
from tests.fakes.fake_clock import FakeClock


class TestSqliteResponseCache(ResponseCacheContract):
    @pytest.fixture
    def opener(self, clock: FakeClock, tmp_path: Path) -> Opener:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = SqliteResponseCache(tmp_path / "cache", clock)
            yield cache
            await cache.close()

        return opened


def fill(folder: Path, clock: FakeClock, keys: int) -> None:
    """Store that many entries and close."""

    async def put() -> None:
        cache = SqliteResponseCache(folder, clock)
        for n in range(keys):
            await cache.put(f"key-{n}", stored(b"%d" % n, clock=clock))
        await cache.close()

    asyncio.run(put())


def found(folder: Path, clock: FakeClock, keys: int) -> int:
    """How many of those entries a new opening finds."""

    async def get() -> int:
        cache = SqliteResponseCache(folder, clock)
        try:
            return len(await cache.get_many([f"key-{n}" for n in range(keys)]))
        finally:
            await cache.close()

    return asyncio.run(get())


def environment() -> dict[str, str]:
    """A child's environment in which the project and its tests can be imported."""
    root = Path(__file__).parents[4]
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}


def test_f100_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    """Garbage in the file's place: one warning, a new file, the garbage kept beside it."""
    clock = FakeClock()
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough for a header" * 300)
    with capture_logs() as logs:
        fill(tmp_path, clock, 10)

    assert [each["event"] for each in logs] == ["cache.file_set_aside"]
    assert found(tmp_path, clock, 10) == 10
    assert (tmp_path / f"{FILE_NAME}.corrupt-1").read_bytes().startswith(b"not a database")


def test_f100_a_second_corrupt_file_gets_the_next_number(tmp_path: Path) -> None:
    """No corrupt file takes the place of an earlier one."""
    clock = FakeClock()
    for _ in range(2):
        (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
        fill(tmp_path, clock, 1)

    aside = sorted(each.name for each in tmp_path.glob("*.corrupt-?"))
    assert [f"{FILE_NAME}.corrupt-1", f"{FILE_NAME}.corrupt-2"] == aside


def test_f100_pages_overwritten_in_the_middle(tmp_path: Path) -> None:
    """Whatever pages are overwritten, the store answers with what is right or not at all."""
    clock = FakeClock()
    fill(tmp_path, clock, 2000)
    path = tmp_path / FILE_NAME
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096, 2):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)
    fill(tmp_path, clock, 3)

    assert found(tmp_path, clock, 3) == 3


def test_f100_a_truncated_file(tmp_path: Path) -> None:
    """A file that was cut short is replaced; the process lives on."""
    clock = FakeClock()
    fill(tmp_path, clock, 2000)
    os.truncate(tmp_path / FILE_NAME, 20_000)
    found(tmp_path, clock, 2000)
    fill(tmp_path, clock, 5)

    assert found(tmp_path, clock, 5) == 5


def test_f098_a_damaged_value_is_a_miss_and_deleted(tmp_path: Path) -> None:
    """One flipped byte in a stored value: the entry is gone, the others stay."""
    clock = FakeClock()
    fill(tmp_path, clock, 3)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    key = stored_key("key-1")
    (value,) = connection.execute("select value from entries where key = ?", (key,)).fetchone()
    damaged = value[:-1] + bytes((value[-1] ^ 1,))
    connection.execute("update entries set value = ? where key = ?", (damaged, key))
    connection.commit()

    assert found(tmp_path, clock, 3) == 2
    assert connection.execute("select count(*) from entries").fetchone() == (2,)
    connection.close()


def test_a_file_of_another_format_is_emptied(tmp_path: Path) -> None:
    """A format this program does not know is neither read nor an error."""
    clock = FakeClock()
    fill(tmp_path, clock, 3)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("pragma user_version = 99")
    connection.close()

    assert found(tmp_path, clock, 3) == 0
    fill(tmp_path, clock, 3)
    assert found(tmp_path, clock, 3) == 3


def test_the_least_recently_used_leave_first(tmp_path: Path) -> None:
    """The stored size stays below its bound; entries read since are kept."""
    clock = FakeClock()
    bound = 520_000

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock, max_bytes=bound)
        for n in range(100):
            await cache.put(f"key-{n}", stored(os.urandom(3000), clock=clock))
        assert (await cache.usage()).entries == 100
        clock.advance(7 * 3600)
        assert len(await cache.get_many([f"key-{n}" for n in range(10)])) == 10
        clock.advance(60)
        for n in range(100, 160):
            await cache.put(f"key-{n}", stored(os.urandom(3000), clock=clock))
        usage = await cache.usage()
        survivors = await cache.get_many([f"key-{n}" for n in range(160)])

        assert usage.bytes <= bound
        assert usage.entries == len(survivors)
        assert {f"key-{n}" for n in (*range(10), *range(100, 160))} <= set(survivors)
        assert "key-10" not in survivors
        await cache.close()

    asyncio.run(check())


def test_an_expired_entry_makes_room_first(tmp_path: Path) -> None:
    """What is of no use any more leaves before what was merely not read for long."""
    clock = FakeClock()

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock, max_bytes=450_000)
        for n in range(50):
            await cache.put(f"kept-{n}", stored(os.urandom(2000), clock=clock))
        for n in range(50):
            gone = stored(os.urandom(2000), clock=clock, age=2 * 86400.0)
            await cache.put(f"gone-{n}", gone)
        await cache.put("last", stored(os.urandom(70_000), clock=clock))
        await cache.put("more", stored(os.urandom(70_000), clock=clock))
        survivors = await cache.get_many(
            [f"{kind}-{n}" for kind in ("kept", "gone") for n in range(50)]
        )

        assert {f"kept-{n}" for n in range(50)} == set(survivors)
        await cache.close()

    asyncio.run(check())


def test_purged_space_returns_to_the_file_system(tmp_path: Path) -> None:
    """After a purge the file is small again."""
    clock = FakeClock()

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock)
        for n in range(300):
            await cache.put(f"key-{n}", stored(os.urandom(5000), clock=clock))
        assert await cache.purge(PurgeFilter()) == 300
        await cache.close()

    asyncio.run(check())
    assert (tmp_path / FILE_NAME).stat().st_size < 200_000


def test_a_folder_that_cannot_be_made_is_no_cache(tmp_path: Path) -> None:
    """Everything is a miss with one warning; only `usage` and `purge` say what is wrong."""
    (tmp_path / "file").write_text("in the way")
    clock = FakeClock()

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path / "file" / "cache", clock)
        with capture_logs() as logs:
            for _ in range(10):
                await cache.put("a", stored(clock=clock))
                assert await cache.get_many(["a"]) == {}
        warnings = [each for each in logs if each["log_level"] == "warning"]
        assert [each["event"] for each in warnings] == ["cache.store_failed"]
        with pytest.raises(StorageError):
            await cache.usage()
        with pytest.raises(StorageError):
            await cache.purge(PurgeFilter())
        await cache.close()

    asyncio.run(check())


def test_a_cancelled_put_loses_nothing(tmp_path: Path) -> None:
    """A caller that gives up while a batch is being written leaves the batch alone."""
    clock = FakeClock()

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock)
        half_way = asyncio.Event()
        putting = asyncio.create_task(put_many(cache, half_way))
        await half_way.wait()
        putting.cancel()
        await asyncio.wait((putting,))
        assert (await cache.usage()).entries >= 5000
        await cache.close()

    async def put_many(cache: SqliteResponseCache, half_way: asyncio.Event) -> None:
        for n in range(10_000):
            await cache.put(f"key-{n}", stored(b"%d" % n, clock=clock))
            if n == 5000:
                half_way.set()

    asyncio.run(check())


_WRITER = """
import asyncio, sys
from pathlib import Path
from adapters.cache import cache_database
from adapters.cache.entry_rows import stored_key
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

async def main(folder, name):
    clock = FakeClock()
    cache = SqliteResponseCache(Path(folder), clock)
    for n in range(1000):
        await cache.put(f"{name}-{n}", stored(b"%d" % n, clock=clock))
        if n % 50 == 0:
            assert await cache.get_many([f"{name}-{n}"])
    await cache.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_f100_two_processes_share_one_file(tmp_path: Path) -> None:
    """Two writers that start at the same moment on a file that is not there yet lose nothing."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), name],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for name in ("a", "b")
    ]
    for process in processes:
        output, _ = process.communicate(timeout=50)
        assert process.returncode == 0, output.decode()
        assert output == b""

    async def count() -> int:
        cache = SqliteResponseCache(tmp_path, FakeClock())
        try:
            return (await cache.usage()).entries
        finally:
            await cache.close()

    assert asyncio.run(count()) == 2000


def test_several_processes_share_one_bound(tmp_path: Path) -> None:
    """Three writers of one small file: none fails, and the file stays within its bound.

    Each may exceed it by what it writes between two looks at the file, a 64th.
    """
    bound = 600_000
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _BOUNDED_WRITER, str(tmp_path), name, str(bound)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for name in ("a", "b", "c")
    ]
    for process in processes:
        output, _ = process.communicate(timeout=50)
        assert process.returncode == 0, output.decode()
        assert output == b""

    assert (tmp_path / FILE_NAME).stat().st_size <= bound + 3 * bound // 64
    assert not list(tmp_path.glob("*.corrupt-*"))


_BOUNDED_WRITER = """
import asyncio, os, sys
from pathlib import Path
from adapters.cache import cache_database
from adapters.cache.entry_rows import stored_key
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

async def main(folder, name, bound):
    clock = FakeClock()
    cache = SqliteResponseCache(Path(folder), clock, max_bytes=int(bound))
    for n in range(300):
        await cache.put(f"{name}-{n}", stored(os.urandom(3000), clock=clock))
        if n % 10 == 0:
            await cache.get_many([f"{name}-{n}"])
    await cache.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: os.truncate(path, 30_000),
        lambda path: os.truncate(path, 0),
        lambda path: path.write_bytes(b"garbage, though nobody closed the file " * 2000),
        lambda path: flip_bytes(path, 200),
        lambda path: path.unlink(),
    ],
    ids=["cut short", "emptied", "garbage", "flipped bytes", "deleted"],
)
def test_f100_damage_while_it_is_open(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Whatever happens to the file below a running store: right answers or none, and it mends."""
    clock = FakeClock()
    bodies = {f"key-{n}": b"%d" % n * 500 for n in range(500)}

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock)
        for key, body in bodies.items():
            await cache.put(key, stored(body, clock=clock))
        assert len(await cache.get_many(list(bodies))) == 500
        await cache.usage()
        damage(tmp_path / FILE_NAME)
        for _ in range(4):
            clock.advance(700)
            found = await cache.get_many(list(bodies))
            for key, variants in found.items():
                assert [bodies[key]] == [each.body for each in variants]
            await cache.put("new", stored(b"new", clock=clock))
            await cache.get_many(["new"])
        await cache.close()

    asyncio.run(check())
    fill(tmp_path, clock, 3)
    assert found(tmp_path, clock, 3) == 3


@pytest.mark.parametrize("seed", range(15))
def test_f100_flipped_bytes_never_change_an_answer(tmp_path: Path, seed: int) -> None:
    """Bytes flipped anywhere in a closed file: what is found is right, and the store goes on."""
    clock = FakeClock()
    fill(tmp_path, clock, 300)
    flip_bytes(tmp_path / FILE_NAME, 40, seed)

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock)
        for _ in range(2):
            clock.advance(700)
            answers = await cache.get_many([f"key-{n}" for n in range(300)])
            for key, variants in answers.items():
                assert [each.body for each in variants] == [key.removeprefix("key-").encode()]
            with suppress(StorageError):
                await cache.usage()
            await cache.put("key-1", stored(b"1", clock=clock))
        await cache.close()

    asyncio.run(check())


def test_f100_the_database_of_another_program_is_left_whole(tmp_path: Path) -> None:
    """It is set aside unread and unchanged."""
    path = tmp_path / FILE_NAME
    theirs = sqlite3.connect(path)
    theirs.executescript("create table entries (id integer); insert into entries values (42)")
    theirs.close()
    before = path.read_bytes()
    clock = FakeClock()
    with capture_logs() as logs:
        fill(tmp_path, clock, 5)

    assert [each["event"] for each in logs] == ["cache.file_set_aside"]
    assert found(tmp_path, clock, 5) == 5
    assert before == (tmp_path / f"{FILE_NAME}.corrupt-1").read_bytes()


def test_f100_a_locked_file_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that holds the file for ever costs three short waits and one warning."""
    monkeypatch.setattr(cache_database, "_BUSY_SECONDS", 0.05)
    clock = FakeClock()
    fill(tmp_path, clock, 3)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("pragma locking_mode = exclusive")
    holder.execute("begin exclusive")

    async def check() -> None:
        cache = SqliteResponseCache(tmp_path, clock)
        with capture_logs() as logs:
            for _ in range(20):
                assert await cache.get_many(["key-1"]) == {}
                await cache.put("a", stored(clock=clock))
        failures = [each["log_level"] for each in logs]
        assert failures == ["warning", "debug", "debug"]
        holder.execute("rollback")
        holder.close()
        clock.advance(700)
        assert set(await cache.get_many(["key-1"])) == {"key-1"}
        await cache.close()

    asyncio.run(check())


_FULL_DISK = """
import asyncio, os, resource, sys
from pathlib import Path
from structlog.testing import capture_logs
from adapters.cache import cache_database
from adapters.cache.entry_rows import stored_key
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

async def main(folder):
    clock = FakeClock()
    cache = SqliteResponseCache(Path(folder), clock)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    with capture_logs() as logs:
        for n in range(400):
            await cache.put(f"key-{n}", stored(os.urandom(5000), clock=clock))
            await cache.get_many([f"key-{n}"])
    assert [each["log_level"] for each in logs].count("warning") == 1, logs
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    clock.advance(700)
    await cache.put("a", stored(clock=clock))
    assert set(await cache.get_many(["a"])) == {"a"}
    await cache.close()

asyncio.run(main(sys.argv[1]))
"""


def test_f100_a_full_disk_is_a_miss_and_one_warning(tmp_path: Path) -> None:
    """Files that may not grow stand in for it; when there is room again, it is used again."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path)],
        env=environment(),
        capture_output=True,
        timeout=50,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert not list(tmp_path.glob("*.corrupt-*"))


def test_only_the_last_three_corrupt_files_are_kept(tmp_path: Path) -> None:
    """A file that goes bad again and again does not fill the disk."""
    clock = FakeClock()
    for _ in range(5):
        (tmp_path / FILE_NAME).write_bytes(b"garbage" * 1000)
        fill(tmp_path, clock, 1)

    kept = {each.name.rpartition("-")[2] for each in tmp_path.glob("*.corrupt-?")}
    assert kept == {"3", "4", "5"}


def flip_bytes(path: Path, count: int, seed: int = 0) -> None:
    """Change that many bytes at random places."""
    places = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(count):
        data[places.randrange(len(data))] ^= places.randrange(1, 256)
    with path.open("r+b") as file:
        file.write(data)
