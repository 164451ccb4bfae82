"""The Redis store against a real redis-server, and against its outages."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
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
from tests.support.redis_server import RedisServer, folder

pytestmark = pytest.mark.external_service
__all__ = ["RedisServer", "folder"]  # a fixture, and what other tests start


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


async def commands_of(client: Redis, work: Awaitable[object]) -> dict[str, int]:
    """How often each command reached the server, housekeeping of connections left out."""
    await client.config_resetstat()
    await work
    statistics = await client.info("commandstats")
    housekeeping = {"config|resetstat", "info", "hello", "client|setinfo", "ping"}
    counted = {name.removeprefix("cmdstat_"): each["calls"] for name, each in statistics.items()}
    return {name: calls for name, calls in counted.items() if name not in housekeeping}


def test_a_batch_is_one_command(server: RedisServer, clock: FakeClock) -> None:
    """64 hits are one MGET, be they one look-up or 64 of a tick; a put is one SET with its TTL."""

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache.at(server.url, clock, seconds=10)
        keys = [f"key-{n}" for n in range(64)]

        async def put_all() -> None:
            async with asyncio.TaskGroup() as group:
                for key in keys:
                    group.create_task(cache.put(key, stored(clock=clock)))
            await cache.forget([])
            assert len(await cache.get_many(keys)) == 64

        async def get_singly() -> None:
            found = await asyncio.gather(*(cache.get_many([key]) for key in keys))
            assert [set(each) for each in found] == [{key} for key in keys]

        assert await commands_of(client, put_all()) == {"set": 64, "mget": 1}
        assert await commands_of(client, get_singly()) == {"mget": 1}
        assert await commands_of(client, cache.get_many(keys)) == {"mget": 1}
        assert 86000 < await client.ttl("adp:cache:v2:key-0") <= 86400
        await cache.close()
        await client.aclose()

    asyncio.run(check())


def test_writes_of_one_tick_are_one_round_trip(server: RedisServer, clock: FakeClock) -> None:
    """200 writes leave in a pipeline or two: as seen by a relay that counts what comes at once."""

    async def check() -> None:
        arrivals = []

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            to_reader, to_writer = await asyncio.open_unix_connection(server.path)

            async def back() -> None:
                while data := await to_reader.read(1 << 20):
                    writer.write(data)
                    await writer.drain()

            async with asyncio.TaskGroup() as group:
                answers = group.create_task(back())
                while data := await reader.read(1 << 20):
                    arrivals.append(data.count(b"SET\r\n"))
                    to_writer.write(data)
                    await to_writer.drain()
                to_writer.close()
                writer.close()
                await asyncio.wait((answers,))

        listening = await asyncio.start_server(relay, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        cache = RedisResponseCache.at(f"redis://127.0.0.1:{port}", clock, seconds=10)
        await cache.get_many(["connect"])
        arrivals.clear()
        for n in range(200):
            await cache.put(f"key-{n}", stored(b"x", clock=clock))
        assert len(await cache.get_many([f"key-{n}" for n in range(200)])) == 200
        await cache.close()
        listening.close()

        assert sum(arrivals) == 200
        assert len([each for each in arrivals if each]) <= 4

    asyncio.run(check())


def test_f095_a_stopped_redis_is_asked_three_times(server: RedisServer, clock: FakeClock) -> None:
    """SIGSTOP in mid-run: three commands of a quarter of a second each, and nobody waits again.

    Hours later it has cost nothing more, since only a PING in the background looks for it; when it
    goes on it is used again. One warning tells of all that.
    """

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

        loop = asyncio.get_running_loop()
        ticks = 0

        def count() -> None:
            nonlocal ticks
            ticks += 1
            loop.call_soon(count)

        with capture_logs() as logs:
            loop.call_soon(count)
            for _ in range(100):
                clock.advance(600)
                before = ticks
                assert await cache.get_many(["a"]) == {}
                assert ticks - before <= 8  # it went through without waiting for an answer
        assert not [each for each in logs if each["log_level"] == "warning"]

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
    """`noeviction`: what does not fit is not stored, what is stored is found; one warning.

    When there is room again, it is written again.
    """
    server = RedisServer(folder, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction")

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache(Redis.from_url(server.url), clock, seconds=10)
        keys = [f"key-{n}" for n in range(200)]
        with capture_logs() as logs:
            for key in keys:
                await cache.put(key, stored(os.urandom(50_000), clock=clock))
            found = await cache.get_many(keys)
        assert 0 < len(found) < 200
        refusals = [each for each in logs if each["event"] == "cache.store_failed"]
        assert 1 <= len(refusals) <= 3
        assert [each["log_level"] for each in refusals].count("warning") == 1

        await client.flushall()
        clock.advance(700)
        await cache.put("a", stored(clock=clock))
        assert set(await cache.get_many(["a"])) == {"a"}
        await client.aclose()
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


def test_f099_a_read_only_replica_answers_and_is_not_written_to(
    folder: Path, server: RedisServer, clock: FakeClock
) -> None:
    """What the others stored is found; writing is given up with one warning."""

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache.at(server.url, clock, seconds=10)
        await cache.put("a", stored(clock=clock))
        assert set(await cache.get_many(["a"])) == {"a"}
        await client.config_set("replica-serve-stale-data", "yes")
        await client.replicaof("127.0.0.1", 1)
        await until(lambda: cache.get_many(["a"]), clock)  # it may have hung up on its clients
        with capture_logs() as logs:
            for n in range(20):
                await cache.put(f"key-{n}", stored(clock=clock))
                assert set(await cache.get_many(["a", f"key-{n}"])) == {"a"}
        warnings = [each["store"] for each in logs if each["log_level"] == "warning"]
        assert [each.partition(", ")[2] for each in warnings] == ["writing"]
        await cache.close()
        await client.aclose()

    asyncio.run(check())


def test_f099_a_redis_that_is_flushed_in_mid_run(server: RedisServer, clock: FakeClock) -> None:
    """Everything is a miss, and stored anew."""

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache.at(server.url, clock, seconds=10)
        for _ in range(2):
            await cache.put("a", stored(clock=clock))
            assert set(await cache.get_many(["a"])) == {"a"}
            await client.flushall()
            assert await cache.get_many(["a"]) == {}
        await cache.close()
        await client.aclose()

    asyncio.run(check())


def test_figures_name_the_limit(folder: Path, clock: FakeClock) -> None:
    """Redis's own, or the lack of one with a word on what to set."""
    server = RedisServer(folder, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu")

    async def check() -> None:
        client = Redis.from_url(server.url)
        cache = RedisResponseCache(client, clock, seconds=10)
        assert (await cache.usage()).limit == "67 MB, allkeys-lfu"
        await client.config_set("maxmemory", 0)
        assert "allkeys-lru" in (await cache.usage()).limit
        await cache.close()

    asyncio.run(check())
    server.kill()


async def until_stored(cache: RedisResponseCache, clock: FakeClock) -> None:
    """Store and find an entry, however slow the machine is just now."""
    await until(lambda: put_and_find(cache), clock)


async def until_found(cache: RedisResponseCache, clock: FakeClock) -> None:
    """Find the entry that was stored before the outage."""
    await until(lambda: cache.get_many(["a"]), clock)


async def put_and_find(cache: RedisResponseCache) -> object:
    await cache.put("a", stored(clock=FakeClock()))
    return await cache.get_many(["a"])


async def until(look: Callable[[], Awaitable[object]], clock: FakeClock) -> None:
    """Look until there is something; a PING in the background needs its moment."""
    async with asyncio.timeout(30):
        while not await look():
            clock.advance(30)
            await asyncio.sleep(0.01)
