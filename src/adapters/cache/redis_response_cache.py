"""Answers in Redis."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import batched
from typing import Self

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.cache.guarded_redis import GuardedRedis
from adapters.cache.redis_client import redis_client
from adapters.cache.redis_inventory import PREFIX, RedisInventory
from adapters.cache.response_codec import ResponseCodec
from adapters.cache.store_breaker import StoreBreaker
from adapters.cache.tick_reads import TickReads
from adapters.cache.write_behind import Variants, WriteBehind
from application.ports.clock import Clock
from application.ports.response_cache import CacheUsage, PurgeFilter, ResponseCache
from domain.errors import StorageError
from domain.http_caching.stored_response import StoredResponse

_SECONDS = 0.25
_KEYS_PER_READ = 256
_LONGEST_TTL = 10 * 365 * 86400
_MOST_VARIANTS = 8
_LARGEST_VALUE = 4 * 1024 * 1024
_log = structlog.get_logger()

type _Pair = tuple[str, Sequence[StoredResponse]]


class RedisResponseCache(ResponseCache):
    """One string a key, holding all its variants: a hit, or a batch of hits, is one MGET.

    Entries carry their time to live; size and eviction are Redis's own `maxmemory` policy.
    A command is tried once, for a quarter of a second: a cache to be waited for is none.
    Look-ups of one tick of the event loop are one command, writes of one tick one pipeline.

    Args:
        store: its place in words, for figures and warnings.
        seconds: longest wait for the answer to one command.
    """

    def __init__(
        self, client: Redis, clock: Clock, store: str = "Redis", seconds: float = _SECONDS
    ) -> None:
        self._client = client
        self._clock = clock
        self._codec = ResponseCodec()
        self._redis = GuardedRedis(client, clock, store, seconds)
        self._refusals = StoreBreaker(f"{store}, writing", clock)
        self._inventory = RedisInventory(self._redis, self._codec)
        self._reads = TickReads(self._read)
        self._writes = WriteBehind(self._write)
        self._store = store
        self._closed = False

    @classmethod
    def at(cls, url: str, clock: Clock, seconds: float = _SECONDS) -> Self:
        """The cache at a `redis://`, `rediss://` or `unix://` address; connects on first use.

        Raises:
            ConfigurationError: not such an address.
        """
        client, store = redis_client(url)
        return cls(client, clock, store, seconds)

    async def answers(self) -> bool:
        """Redis answers within half a second."""
        return await self._redis.answers()

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """One MGET; damaged values are misses and deleted."""
        if not keys or self._closed:
            return {}
        if self._writes.holds(keys):
            await self._writes.drained()
        return await self._reads.get(keys)

    async def put(self, key: str, response: StoredResponse, *, alone: bool = False) -> None:
        """Gather the entry for the pipeline of this tick; waits only while two batches are full."""
        if alone:
            await self.forget((key,))
        if not self._closed:
            await self._writes.add(key, response)

    async def forget(self, keys: Sequence[str]) -> None:
        """One UNLINK, after all writes before it."""
        if keys and not self._closed:
            await self._writes.drained()
            await self._unlink(keys)

    async def usage(self) -> CacheUsage:
        """Counted by a scan over the keys; Redis may evict meanwhile."""
        self._check_open()
        await self._writes.drained()
        entries = size = 0
        sources: dict[str, tuple[int, int]] = {}
        async for page in self._inventory.pages():
            for entry in page:
                share, rest = divmod(entry.bytes, len(entry.variants))
                for variant in entry.variants:
                    count, total = sources.get(variant.source, (0, 0))
                    sources[variant.source] = (count + 1, total + share + rest)
                    rest = 0
                    entries += 1
                size += entry.bytes
        limit = await self._inventory.limit()
        return CacheUsage(entries, size, sources, self._store, limit)

    async def count(self, which: PurgeFilter) -> int:
        """Counted by a scan over the keys."""
        self._check_open()
        await self._writes.drained()
        now = self._clock.timestamp()
        found = 0
        async for page in self._inventory.pages():
            found += sum(entry.matching(which, now) for entry in page)
        return found

    async def purge(self, which: PurgeFilter) -> int:
        """Found by a scan over the keys."""
        self._check_open()
        await self._writes.drained()
        now = self._clock.timestamp()
        purged = 0
        async for page in self._inventory.pages():
            purged += await self._inventory.drop(page, which, now)
        return purged

    async def close(self) -> None:
        """Write what is gathered and close the connections."""
        if self._closed:
            return
        self._closed = True
        await self._writes.drained()
        await self._reads.close()
        await self._redis.close()

    async def _read(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        found: dict[str, Sequence[StoredResponse]] = {}
        damaged: list[str] = []
        now = self._clock.timestamp()
        for some in batched(keys, _KEYS_PER_READ):
            names = [PREFIX + key for key in some]
            values = await self._redis.tried(lambda names=names: self._client.mget(names)) or ()  # type: ignore[misc]  # the default binds the loop's names
            for key, value in zip(some, values, strict=False):
                if value is None:
                    continue
                variants = self._codec.decode(value, key)
                if variants is None:
                    damaged.append(key)
                elif alive := [each for each in variants if now < each.expires_at]:
                    found[key] = alive
        if damaged:
            _log.warning("cache.entries_damaged", store=self._store, entries=len(damaged))
            await self._unlink(damaged)
        return found

    async def _unlink(self, keys: Sequence[str]) -> None:
        await self._redis.tried(lambda: self._client.unlink(*(PREFIX + key for key in keys)))

    async def _write(self, batch: Mapping[str, Variants]) -> None:
        """One pipeline, which hands back what it replaced; a second one where that had variants.

        A Redis that is full or a replica refuses writes and answers reads: it is asked to write
        again after a pause.
        """
        if not self._refusals.allows():
            return
        pairs = [(key, list(variants.values())) for key, variants in batch.items()]
        before = await self._set(pairs)
        merged: list[_Pair] = []
        for key, variants in pairs:
            old = before.get(key)
            others = [
                each
                for each in self._codec.decode(old, key) or ()
                if each.vary_key not in batch[key]
            ]
            if others:
                others.sort(key=lambda each: each.received_at, reverse=True)
                merged.append((key, [*variants, *others][:_MOST_VARIANTS]))
        if merged:
            await self._set(merged)

    async def _set(self, pairs: Sequence[_Pair]) -> Mapping[str, bytes]:
        """What the keys held before; the writes that Redis refuses are lost."""
        now = self._clock.timestamp()
        pipeline = self._client.pipeline(transaction=False)
        keys: list[str] = []
        for key, variants in pairs:
            value = self._codec.encode(variants, key)
            if value is None or len(value) > _LARGEST_VALUE:
                _log.debug("cache.entry_refused", store=self._store, url=variants[0].url)
                continue
            left = max(each.expires_at for each in variants) - now
            seconds = max(1, math.ceil(min(left, _LONGEST_TTL)))
            # `pipeline.set` takes longer to look at its arguments than Redis to store the value.
            pipeline.execute_command("SET", PREFIX + key, value, "EX", seconds, "GET", get=True)
            keys.append(key)
        execute = partial(pipeline.execute, raise_on_error=False)
        answers = (await self._redis.tried(execute) if keys else None) or ()
        self._judge(answers)
        return {
            key: answer
            for key, answer in zip(keys, answers, strict=False)
            if isinstance(answer, bytes)
        }

    def _judge(self, answers: Sequence[object]) -> None:
        refusal = next((each for each in answers if isinstance(each, RedisError)), None)
        if refusal is not None:
            self._refusals.failed(refusal)
        elif answers:
            self._refusals.succeeded()
        else:
            self._refusals.abandoned()

    def _check_open(self) -> None:
        if self._closed:
            message = f"{self._store} is closed."
            raise StorageError(message)
