"""The Redis store against fakeredis, and against nothing at all."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from structlog.testing import capture_logs

from adapters.cache.redis_response_cache import RedisResponseCache
from application.ports.response_cache import PurgeFilter, ResponseCache
from domain.errors import ConfigurationError, StorageError
from tests.contracts.response_cache_contract import Opener, ResponseCacheContract, stored
from tests.fakes.fake_clock import FakeClock

PREFIX = "adp:cache:v2:"


class TestRedisResponseCache(ResponseCacheContract):
    @pytest.fixture
    def opener(self, clock: FakeClock) -> Opener:
        server = FakeServer()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = RedisResponseCache(FakeAsyncRedis(server=server), clock)
            yield cache
            await cache.close()

        return opened


def test_an_entry_lives_as_long_as_it_is_of_use() -> None:
    """The time to live goes with the value; every key carries the prefix."""
    clock = FakeClock()

    async def check() -> None:
        client = FakeAsyncRedis(server=FakeServer())
        cache = RedisResponseCache(client, clock)
        now = clock.now().timestamp()
        await cache.put("a", stored(clock=clock)._replace(expires_at=now + 99.5))
        await cache.put("b", stored(clock=clock)._replace(expires_at=now - 5))
        await cache.put("c", stored(clock=clock)._replace(expires_at=1e11))
        assert set(await cache.get_many(["a", "b", "c"])) == {"a", "c"}

        assert 98 <= await client.ttl(f"{PREFIX}a") <= 100
        assert 0 <= await client.ttl(f"{PREFIX}b") <= 1
        assert 10 * 365 * 86400 >= await client.ttl(f"{PREFIX}c") > 9 * 365 * 86400
        await cache.close()

    asyncio.run(check())


@pytest.mark.parametrize("garbage", [b"", b"ADP", b"\x80\x04pickle", b"\x95\xa4ADP3" + b"x" * 90])
def test_f098_a_damaged_value_is_a_miss_and_deleted(garbage: bytes) -> None:
    """What this program did not write is dropped with a warning; the rest of the batch is told."""
    clock = FakeClock()

    async def check() -> None:
        client = FakeAsyncRedis(server=FakeServer())
        cache = RedisResponseCache(client, clock)
        await cache.put("a", stored(clock=clock))
        await client.set(f"{PREFIX}b", garbage)
        with capture_logs() as logs:
            assert list(await cache.get_many(["a", "b"])) == ["a"]

        assert [each["event"] for each in logs] == ["cache.entries_damaged"]
        assert None is await client.get(f"{PREFIX}b")
        await cache.close()

    asyncio.run(check())


def test_f099_what_others_keep_in_the_same_redis_is_left_alone() -> None:
    """Purging and counting touch nothing but keys with the prefix."""
    clock = FakeClock()

    async def check() -> None:
        client = FakeAsyncRedis(server=FakeServer())
        cache = RedisResponseCache(client, clock)
        await client.set("session:1", b"theirs")
        await client.lpush(f"{PREFIX}list", b"of another type")
        await cache.put("a", stored(clock=clock))
        assert await cache.get_many(["list"]) == {}
        await client.delete(f"{PREFIX}list")

        assert (await cache.usage()).entries == 1
        assert await cache.purge(PurgeFilter()) == 1
        assert await client.get("session:1") == b"theirs"
        await cache.close()

    asyncio.run(check())


def test_a_long_head_is_counted_too() -> None:
    """An entry whose head exceeds what a scan reads at first is found by usage and purge."""
    clock = FakeClock()
    long_url = "https://api.example/" + "x" * 9000

    async def check() -> None:
        cache = RedisResponseCache(FakeAsyncRedis(server=FakeServer()), clock)
        await cache.put("a", stored(clock=clock, url=long_url))

        assert (await cache.usage()).entries == 1
        assert await cache.purge(PurgeFilter(url_prefix=long_url[:5000])) == 1
        await cache.close()

    asyncio.run(check())


def test_f093_a_closed_port_costs_one_warning_and_three_refused_connects() -> None:
    """Where nothing listens everything is a miss; after three failures nobody is asked any more."""
    clock = FakeClock()
    url = f"redis://:hunter2-secret@127.0.0.1:{closed_port()}/0"

    async def check() -> None:
        cache = RedisResponseCache.at(url, clock)
        with capture_logs() as logs:
            assert not await cache.answers()
            for n in range(50):
                assert await cache.get_many([f"key-{n}"]) == {}
                await cache.put(f"key-{n}", stored(clock=clock))
                await cache.forget([f"key-{n}"])

        failures = [each for each in logs if each["event"] == "cache.store_failed"]
        assert len(failures) == 3
        assert [each["log_level"] for each in failures] == ["warning", "debug", "debug"]
        assert "hunter2" not in repr(logs)
        with pytest.raises(StorageError) as raised:
            await cache.usage()
        assert "hunter2" not in str(raised.value)
        with pytest.raises(StorageError):
            await cache.purge(PurgeFilter())
        await cache.close()

    asyncio.run(check())


def test_f098_a_server_that_talks_nonsense_is_a_miss() -> None:
    """Replies that are not Redis's never reach the caller."""
    clock = FakeClock()

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def check() -> None:
        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        cache = RedisResponseCache.at(f"redis://127.0.0.1:{port}", clock)
        for n in range(5):
            assert await cache.get_many([f"key-{n}"]) == {}
            await cache.put(f"key-{n}", stored(clock=clock))
        await cache.close()
        server.close()

    asyncio.run(check())


@pytest.mark.parametrize("url", ["localhost:6379", "http://x", "redis://host:port/0", ""])
def test_an_address_that_is_none_is_a_configuration_error(url: str) -> None:
    """The message names the setting and shows a right address."""
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        RedisResponseCache.at(url, FakeClock())


def closed_port() -> int:
    """A loopback port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
