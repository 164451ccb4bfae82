"""Several processes and one store: killed writers leave whole entries, a purge harms nobody."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.ports.response_cache import PurgeFilter
from tests.support.cache_writer import read_back, start_writer, store_of
from tests.support.redis_server import RedisServer, folder

__all__ = ["folder"]  # a fixture
REPORTS = 8


@pytest.fixture
def server(folder: Path) -> Iterator[RedisServer]:
    running = RedisServer(folder)
    yield running
    running.kill()


def write_until_killed(seed: str, *places: str, reports: int = REPORTS) -> list[int]:
    """The numbers of the entries that the writer saw stored before SIGKILL."""
    process = start_writer(seed, *places)
    assert process.stdout is not None
    numbers = [int(process.stdout.readline()) for _ in range(reports)]
    process.kill()
    rest, _ = process.communicate(timeout=20)
    return [*numbers, *map(int, rest.split())]


def check_what_is_left(seed: str, reported: list[int], *places: str) -> None:
    found = read_back(seed, reported[-1] + 2000, *places)

    assert set(reported) <= found


@pytest.mark.external_service
def test_a_writer_to_redis_is_killed(server: RedisServer) -> None:
    """Half a pipeline: every entry is whole or absent, and those seen stored are there."""
    reported = write_until_killed("redis", server.url)
    check_what_is_left("redis", reported, server.url)


def test_a_writer_to_the_embedded_store_is_killed(tmp_path: Path) -> None:
    """The same with a transaction cut off in the middle."""
    reported = write_until_killed("file", str(tmp_path))
    check_what_is_left("file", reported, str(tmp_path))


@pytest.mark.external_service
def test_a_writer_and_its_redis_are_killed(server: RedisServer, tmp_path: Path) -> None:
    """Redis goes first and with it what it held; the next run uses the embedded store."""
    places = (server.url, str(tmp_path))
    reported = write_until_killed("both", *places)
    check_what_is_left("both", reported, *places)
    server.kill()
    assert read_back("both", 500, *places) == set()
    reported = write_until_killed("both", *places)
    check_what_is_left("both", reported, *places)


def purge_beside_a_writer(*places: str) -> None:
    """Purge three times what another process is writing; that one goes on without a word."""

    async def purge() -> int:
        store = store_of(*places)
        try:
            return await store.purge(PurgeFilter(source="opensea"))
        finally:
            await store.close()

    process = start_writer("beside", *places)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline()
        while not asyncio.run(purge()):  # a busy machine reads lines sooner than entries come
            assert process.poll() is None
    assert process.stdout.readline()
    process.kill()
    _, errors = process.communicate(timeout=20)

    assert errors == ""


def test_a_purge_beside_a_writer_of_the_embedded_store(tmp_path: Path) -> None:
    """As `app cache purge` beside a run."""
    purge_beside_a_writer(str(tmp_path))


@pytest.mark.external_service
def test_a_purge_beside_a_writer_to_redis(server: RedisServer) -> None:
    """The same through Redis."""
    purge_beside_a_writer(server.url)


@pytest.mark.slow
def test_writers_of_one_file_are_killed_again_and_again(tmp_path: Path) -> None:
    """Two processes on one file, killed at random moments ten times over."""
    moments = random.Random(7)
    for turn in range(10):
        other = start_writer(f"other-{turn}", str(tmp_path))
        assert other.stdout is not None
        other.stdout.readline()
        reported = write_until_killed(f"one-{turn}", str(tmp_path), reports=moments.randrange(1, 9))
        other.kill()
        other.communicate(timeout=20)
        check_what_is_left(f"one-{turn}", reported, str(tmp_path))
    assert not list(tmp_path.glob("*.corrupt-*"))


@pytest.mark.slow
@pytest.mark.external_service
def test_a_redis_with_a_log_is_killed_in_mid_write(folder: Path) -> None:
    """What its append-only file brings back is whole."""
    server = RedisServer(folder, "--appendonly", "yes", "--appendfsync", "always")
    process = start_writer("log", server.url)
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(REPORTS)]
    server.restart()
    process.kill()
    process.communicate(timeout=20)
    check_what_is_left("log", reported, server.url)
    server.kill()
