"""A process that writes into a store without end, to be killed: `cache_writer.py STORE SEED`.

STORE is a folder (the embedded store), the address of a Redis, or both (Redis, and the folder in
its place). Every hundredth entry is read back and then reported on stdout, so that it is known to
be stored.
"""

import asyncio
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from adapters.cache.fallback_response_cache import FallbackResponseCache
from adapters.cache.redis_response_cache import RedisResponseCache
from adapters.cache.sqlite_response_cache import SqliteResponseCache
from application.ports.response_cache import ResponseCache
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

ROOT = Path(__file__).parents[2]
_REPORT_EVERY = 100


def store_of(*places: str, max_bytes: int = 2**31) -> ResponseCache:
    """The store at these places; commands may take long on a busy machine."""
    clock = FakeClock()
    folders = [Path(place) for place in places if "://" not in place]
    redis = [RedisResponseCache.at(each, clock, seconds=10) for each in places if "://" in each]

    def embedded() -> ResponseCache:
        return SqliteResponseCache(folders[0], clock, max_bytes=max_bytes)

    if folders and redis:
        return FallbackResponseCache(redis[0], embedded)
    return redis[0] if redis else embedded()


def entry_of(seed: str, number: int) -> tuple[str, StoredResponse]:
    """The same for the same seed and number, some long enough to be compressed."""
    generator = random.Random(f"{seed}-{number}")
    body = generator.randbytes(generator.randrange(1, 60)) * generator.randrange(1, 120)
    return f"{seed}-{number}", stored(body, clock=FakeClock(), url=f"https://api.example/{number}")


def start_writer(seed: str, *places: str) -> subprocess.Popen[str]:
    """A writer that reports on stdout, a number a line, and warns on stderr."""
    return subprocess.Popen(
        [sys.executable, __file__, seed, *places],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_back(seed: str, count: int, *places: str) -> set[int]:
    """The numbers of the entries that are there; AssertionError when one is not as it was put."""

    async def read() -> set[int]:
        store = store_of(*places)
        try:
            expected = {key: (n, entry) for n in range(count) for key, entry in [entry_of(seed, n)]}
            found = await store.get_many(list(expected))
            for key, variants in found.items():
                assert list(variants) == [expected[key][1]], key
            return {expected[key][0] for key in found}
        finally:
            await store.close()

    return asyncio.run(read())


async def _write(seed: str, places: Sequence[str]) -> None:
    store = store_of(*places)
    for number in itertools.count():
        key, entry = entry_of(seed, number)
        await store.put(key, entry)
        if number % _REPORT_EVERY == 0 and await store.get_many([key]):
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_write(sys.argv[1], sys.argv[2:]))
