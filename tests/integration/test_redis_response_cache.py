"""The Redis store against a real redis-server, and against its outages."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.cache.fallback_response_cache import FallbackResponseCache
from adapters.cache.redis_response_cache import RedisResponseCache
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from application.ports.response_cache import ResponseCache
from tests.contracts.response_cache_contract import Opener, ResponseCacheContract, stored
from tests.fakes.fake_clock import FakeClock

pytestmark = pytest.mark.external_service
PROGRAM = "redis-server"


class RedisServer:
    """A redis-server of our own on a socket in a temporary folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._socket = folder / "redis.sock"
        self._command = [
            *(PROGRAM, "--port", "0", "--unixsocket", str(self._socket), "--save", ""),
            *("--dir", str(folder), *options),
        ]
        self._process = self._start()

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def stop_answering(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def restart(self) -> None:
        self.kill()
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("redis-server did not start")
            time.sleep(0.01)
        return process


@pytest.fixture
def folder() -> Iterator[Path]:
    """A path short enough for a socket's name."""
    if shutil.which(PROGRAM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{PROGRAM} is missing, and CI wants it")
        pytest.skip(f"{PROGRAM} is not installed")
    with tempfile.TemporaryDirectory(prefix="adp-") as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[RedisServer]:
    running = RedisServer(folder)
    yield running
    running.kill()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class TestRedisServerResponseCache(ResponseCacheContract):
    @pytest.fixture
    def opener(self, server: RedisServer, clock: FakeClock) -> Opener:
        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            # A loaded machine may make the store's own quarter of a second too short.
            cache = RedisResponseCache(Redis.from_url(server.url), clock, seconds=10)
            yield cache
            await cache.close()

        return opened


def test_a_batch_is_one_command(server: RedisServer, clock: FakeClock) -> None:
    """64 hits are one MGET, a put is one SET."""

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache(client, clock, seconds=10)
        keys = [f"key-{n}" for n in range(64)]
        for key in keys:
            await cache.put(key, stored(clock=clock))
        await client.config_resetstat()
        assert len(await cache.get_many(keys)) == 64
        await cache.put("key-0", stored(clock=clock))
        statistics = await client.info("commandstats")
        await cache.close()

        data = {name: each["calls"] for name, each in statistics.items() if "config" not in name}
        data.pop("cmdstat_info", None)
        assert data == {"cmdstat_mget": 1, "cmdstat_set": 1}

    asyncio.run(check())


def test_f095_a_stopped_redis_is_asked_three_times(server: RedisServer, clock: FakeClock) -> None:
    """SIGSTOP in mid-run: misses and one warning; it is used again after it goes on."""

    async def check() -> None:
        cache = RedisResponseCache.at(server.url, clock)
        await until_stored(cache, clock)
        server.stop_answering()
        with capture_logs() as logs:
            for n in range(100):
                assert await cache.get_many(["a"]) == {}
                await cache.put(f"key-{n}", stored(clock=clock))
        failures = [each for each in logs if each["event"] == "cache.store_failed"]
        assert len(failures) == 3
        assert [each["log_level"] for each in failures].count("warning") == 1

        server.go_on()
        await until_found(cache, clock)
        await cache.close()

    asyncio.run(check())


def test_f094_a_killed_redis_comes_back(server: RedisServer, clock: FakeClock) -> None:
    """Killed and started anew: everything is a miss until then, and stored again after."""

    async def check() -> None:
        cache = RedisResponseCache.at(server.url, clock)
        await until_stored(cache, clock)
        server.kill()
        for _ in range(5):
            assert await cache.get_many(["a"]) == {}
        server.restart()
        clock.advance(700)
        await until_stored(cache, clock)
        await cache.close()

    asyncio.run(check())


def test_f093_a_redis_that_is_stopped_at_the_start(
    server: RedisServer, clock: FakeClock, tmp_path: Path
) -> None:
    """It accepts connections and says nothing: the embedded store is used, with one warning."""
    server.stop_answering()

    async def check() -> None:
        cache = FallbackResponseCache(
            RedisResponseCache.at(server.url, clock), lambda: SqliteResponseCache(tmp_path, clock)
        )
        with capture_logs() as logs:
            await cache.put("a", stored(clock=clock))
            assert list(await cache.get_many(["a"])) == ["a"]
        assert [each["event"] for each in logs if each["log_level"] == "warning"] == [
            "cache.redis_unavailable"
        ]
        await cache.close()

    asyncio.run(check())
    server.go_on()


def test_f099_a_wrong_password_is_no_redis(folder: Path, clock: FakeClock, tmp_path: Path) -> None:
    """Neither password is shown; the embedded store is used."""
    right, wrong = secrets.token_hex(), secrets.token_hex()
    server = RedisServer(folder, "--requirepass", right)

    async def check() -> None:
        url = server.url.replace("unix://", f"unix://:{wrong}@")
        cache = FallbackResponseCache(
            RedisResponseCache.at(url, clock), lambda: SqliteResponseCache(tmp_path, clock)
        )
        with capture_logs() as logs:
            usage = await cache.usage()
        assert "embedded" in usage.store
        assert wrong not in repr(logs)
        await cache.close()

    asyncio.run(check())
    server.kill()


def test_f097_a_full_redis_drops_the_write(folder: Path, clock: FakeClock) -> None:
    """`noeviction`: what does not fit is not stored, and nothing fails."""
    server = RedisServer(folder, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction")

    async def check() -> None:
        cache = RedisResponseCache(Redis.from_url(server.url), clock, seconds=10)
        for n in range(200):
            await cache.put(f"key-{n}", stored(os.urandom(50_000), clock=clock))
        clock.advance(700)
        found = await cache.get_many([f"key-{n}" for n in range(200)])
        assert 0 < len(found) < 200
        await cache.close()

    asyncio.run(check())
    server.kill()


def test_f096_an_evicted_entry_is_a_miss(folder: Path, clock: FakeClock) -> None:
    """`allkeys-lru`: some are gone, the rest are whole."""
    server = RedisServer(folder, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")

    async def check() -> None:
        cache = RedisResponseCache(Redis.from_url(server.url), clock, seconds=10)
        entries = {f"key-{n}": stored(os.urandom(20_000), clock=clock) for n in range(200)}
        for key, entry in entries.items():
            await cache.put(key, entry)
        found = await cache.get_many(list(entries))
        assert 0 < len(found) < 200
        assert all(list(variants) == [entries[key]] for key, variants in found.items())
        await cache.close()

    asyncio.run(check())
    server.kill()


async def until_stored(cache: RedisResponseCache, clock: FakeClock) -> None:
    """Store and find an entry, however slow the machine is just now."""
    for _ in range(50):
        await cache.put("a", stored(clock=clock))
        if await cache.get_many(["a"]):
            return
        clock.advance(700)
    pytest.fail("Redis does not answer")


async def until_found(cache: RedisResponseCache, clock: FakeClock) -> None:
    """Find the entry that was stored before the outage."""
    for _ in range(50):
        clock.advance(700)
        if await cache.get_many(["a"]):
            return
    pytest.fail("Redis did not come back")
