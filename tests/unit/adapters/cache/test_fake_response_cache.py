"""The fake keeps the port's promises."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from application.ports.response_cache import ResponseCache
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import Opener, ResponseCacheContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache


class TestFakeResponseCache(ResponseCacheContract):
    @pytest.fixture
    def opener(self, clock: FakeClock) -> Opener:
        entries: dict[str, dict[str, StoredResponse]] = {}

        @asynccontextmanager
        async def opened() -> AsyncGenerator[ResponseCache]:
            cache = FakeResponseCache(clock, entries)
            yield cache
            await cache.close()

        return opened
