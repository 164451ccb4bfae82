"""What answers hits: each a context that yields a function over one batch of addresses.

The function asks for all of the batch and says how many bytes came back. Before the upstream goes
away it is called once for every batch, so that everything is stored.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp_client_cache
import requests_cache
from hishel import AsyncBaseStorage, AsyncRedisStorage, AsyncSqliteStorage, CacheOptions
from hishel.httpx import AsyncCacheClient
from redis.asyncio import Redis
from stack import fetched_bytes, our_fetcher, requests_for

from adapters.cache.redis_inventory import PREFIX
from adapters.cache.redis_response_cache import RedisResponseCache
from adapters.cache.sqlite_response_cache import FILE_NAME, SqliteResponseCache
from adapters.system.system_clock import SystemClock
from application.ports.response_cache import ResponseCache

type Batch = Sequence[str]
type Ask = Callable[[Batch], Awaitable[int]]
_PATIENCE = 30.0  # seconds: the machine is busy, and no outage is measured here


@dataclass(frozen=True)
class Place:
    """Where everything is: a folder for files, a Redis, an upstream, and its addresses."""

    folder: Path
    redis_url: str
    base_url: str
    urls: Sequence[str]


type Contender = Callable[[Place], AbstractAsyncContextManager[Ask]]


def _our_redis(place: Place) -> ResponseCache:
    return RedisResponseCache.at(place.redis_url, SystemClock(), _PATIENCE)


def _our_sqlite(place: Place) -> ResponseCache:
    return SqliteResponseCache(place.folder / "ours", SystemClock())


def _fetch_many(open_cache: Callable[[Place], ResponseCache]) -> Contender:
    @asynccontextmanager
    async def opened(place: Place) -> AsyncGenerator[Ask]:
        cache = open_cache(place)
        async with our_fetcher(place.base_url, cache) as fetcher:
            requests = requests_for(place.urls)
            yield lambda batch: fetched_bytes(fetcher, [requests[url] for url in batch])
        await cache.close()

    return opened


def _get_many(open_cache: Callable[[Place], ResponseCache]) -> Contender:
    """The store alone; its keys are those that our stack has made."""

    @asynccontextmanager
    async def opened(place: Place) -> AsyncGenerator[Ask]:
        cache = open_cache(place)
        keys = dict(zip(place.urls, _stored(place), strict=True))

        async def ask(batch: Batch) -> int:
            found = await cache.get_many([keys[url] for url in batch])
            return sum(len(variants[0].body) for variants in found.values())

        yield ask
        await cache.close()

    return opened


def _stored(place: Place) -> dict[str, bytes]:
    """Key and entry of each address in our file."""
    file = sqlite3.connect(place.folder / "ours" / FILE_NAME)
    found: dict[str, bytes] = dict(file.execute("select key, value from entries"))
    file.close()
    return found


@asynccontextmanager
async def _raw_redis(place: Place) -> AsyncGenerator[Ask]:
    """MGET by redis-py and hiredis, of the very bytes that our store holds; nothing is decoded."""
    client = Redis.from_url(place.redis_url)
    keys = {url: f"{PREFIX}{key}" for url, key in zip(place.urls, _stored(place), strict=True)}

    async def ask(batch: Batch) -> int:
        return sum(map(len, await client.mget([keys[url] for url in batch])))

    yield ask
    await client.aclose()


def _raw_sqlite(*, in_thread: bool) -> Contender:
    @asynccontextmanager
    async def opened(place: Place) -> AsyncGenerator[Ask]:
        """A batched SELECT of the very bytes that our store holds, from a table made for it."""
        path = place.folder / f"raw-{in_thread}.sqlite"
        file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        file.execute("pragma journal_mode = wal")
        file.execute("create table if not exists answers (key text primary key, value blob)")
        entries = _stored(place)
        file.execute("begin")
        file.executemany("insert or replace into answers values (?, ?)", entries.items())
        file.execute("commit")
        keys = dict(zip(place.urls, entries, strict=True))

        def select(batch: Batch) -> int:
            names = [keys[url] for url in batch]
            query = f"select key, value from answers where key in ({','.join('?' * len(names))})"
            return sum(len(value) for _, value in file.execute(query, names).fetchall())

        async def ask(batch: Batch) -> int:
            return await asyncio.to_thread(select, batch) if in_thread else select(batch)

        yield ask
        file.close()

    return opened


def _hishel(make: Callable[[Place, AsyncExitStack], AsyncBaseStorage]) -> Contender:
    @asynccontextmanager
    async def opened(place: Place) -> AsyncGenerator[Ask]:
        async with AsyncExitStack() as stack:
            storage = make(place, stack)
            client = AsyncCacheClient(storage=storage, rfc=CacheOptions(shared=False))
            await stack.enter_async_context(client)

            async def get(url: str) -> int:
                return len((await client.get(url)).content)

            async def ask(batch: Batch) -> int:
                return sum(await asyncio.gather(*map(get, batch)))

            yield ask

    return opened


def _hishel_sqlite(place: Place, _: AsyncExitStack) -> AsyncBaseStorage:
    return AsyncSqliteStorage(database_path=place.folder / "hishel.sqlite")


def _hishel_redis(place: Place, stack: AsyncExitStack) -> AsyncBaseStorage:
    client = Redis.from_url(place.redis_url)
    stack.push_async_callback(client.aclose)
    return AsyncRedisStorage(client)


@asynccontextmanager
async def _requests_cache(place: Place) -> AsyncGenerator[Ask]:
    """One after the other, as it is used."""
    with requests_cache.CachedSession(
        str(place.folder / "requests"), backend="sqlite", cache_control=True
    ) as session:

        async def ask(batch: Batch) -> int:
            return sum(len(session.get(url).content) for url in batch)

        yield ask


@asynccontextmanager
async def _aiohttp_client_cache(place: Place) -> AsyncGenerator[Ask]:
    backend = aiohttp_client_cache.SQLiteBackend(str(place.folder / "aiohttp"), cache_control=True)
    async with aiohttp_client_cache.CachedSession(cache=backend) as session:

        async def get(url: str) -> int:
            async with session.get(url) as answer:
                return len(await answer.read())

        async def ask(batch: Batch) -> int:
            return sum(await asyncio.gather(*map(get, batch)))

        yield ask


OURS_REDIS, OURS_SQLITE = "ours over Redis, `fetch_many`", "ours over SQLite, `fetch_many`"
STORE_REDIS, STORE_SQLITE = "ours, Redis store, `get_many`", "ours, SQLite store, `get_many`"
RAW_REDIS, RAW_SQLITE = "raw Redis, MGET 64", "raw SQLite, SELECT 64"
RAW_THREAD = "raw SQLite, SELECT 64 in a thread"

CONTENDERS: dict[str, Contender] = {
    OURS_SQLITE: _fetch_many(_our_sqlite),
    STORE_SQLITE: _get_many(_our_sqlite),
    RAW_SQLITE: _raw_sqlite(in_thread=False),
    RAW_THREAD: _raw_sqlite(in_thread=True),
    OURS_REDIS: _fetch_many(_our_redis),
    STORE_REDIS: _get_many(_our_redis),
    RAW_REDIS: _raw_redis,
    "hishel, SQLite": _hishel(_hishel_sqlite),
    "hishel, Redis": _hishel(_hishel_redis),
    "requests-cache, SQLite": _requests_cache,
    "aiohttp-client-cache, SQLite": _aiohttp_client_cache,
}
"""Ours first: what the raw stores read is what our stack has stored."""
