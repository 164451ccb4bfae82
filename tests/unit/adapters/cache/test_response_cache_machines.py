"""Every store behaves like a dictionary with a clock, whatever is asked of it."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis.stateful import run_state_machine_as_test

from adapters.cache.fallback_response_cache import FallbackResponseCache
from adapters.cache.redis_response_cache import RedisResponseCache
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from application.ports.response_cache import ResponseCache
from tests.contracts.response_cache_contract import Opener
from tests.contracts.response_cache_machine import MODERATE, ResponseCacheMachine


class SqliteMachine(ResponseCacheMachine):
    def make_opener(self) -> Opener:
        self.folder = tempfile.TemporaryDirectory(prefix="adp-")

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = SqliteResponseCache(Path(self.folder.name), self.clock)
            yield cache
            await cache.close()

        return opened

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


class RedisMachine(ResponseCacheMachine):
    def make_opener(self) -> Opener:
        server = FakeServer()

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = RedisResponseCache(FakeAsyncRedis(server=server), self.clock, seconds=10)
            yield cache
            await cache.close()

        return opened


class FallbackMachine(SqliteMachine):
    """Redis is not there; the embedded store is used in its place."""

    def make_opener(self) -> Opener:
        super().make_opener()
        server = FakeServer()
        server.connected = False

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = FallbackResponseCache(
                RedisResponseCache(FakeAsyncRedis(server=server), self.clock),
                lambda: SqliteResponseCache(Path(self.folder.name), self.clock),
            )
            yield cache
            await cache.close()

        return opened


@pytest.mark.parametrize("machine", [SqliteMachine, RedisMachine, FallbackMachine])
def test_a_store_is_a_dictionary_with_a_clock(machine: type[ResponseCacheMachine]) -> None:
    """Puts, look-ups, forgetting, purges, expiry, variants and openings in any order."""
    run_state_machine_as_test(machine, settings=MODERATE)
