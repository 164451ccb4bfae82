"""Answers in Redis."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters.cache.response_codec import ResponseCodec, Summary
from adapters.cache.store_breaker import StoreBreaker
from application.ports.clock import Clock
from application.ports.response_cache import CacheUsage, PurgeFilter, ResponseCache
from domain.errors import ConfigurationError, StorageError
from domain.http_caching.stored_response import StoredResponse

_PREFIX = "adp:cache:v1:"
_TIMEOUT = 0.25
_ANSWERS_WITHIN = 0.5
_BATCH = 512
_HEAD_BYTES = 4096
_LONGEST_TTL = 10 * 365 * 86400
_MOST_VARIANTS = 8
_FAULTS = (RedisError, OSError, TimeoutError)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    bytes: int
    variants: Sequence[Summary]


class RedisResponseCache(ResponseCache):
    """One string a key, holding all its variants: a hit, or a batch of hits, is one MGET.

    Entries carry their time to live; size and eviction are Redis's own `maxmemory` policy.
    A command is tried once, for a quarter of a second: a cache to be waited for is none.
    """

    def __init__(self, client: Redis, clock: Clock, store: str = "Redis") -> None:
        self._client = client
        self._clock = clock
        self._store = store
        self._codec = ResponseCodec()
        self._breaker = StoreBreaker(store, clock)

    @classmethod
    def at(cls, url: str, clock: Clock) -> Self:
        """The cache at a `redis://`, `rediss://` or `unix://` address; connects on first use.

        Raises:
            ConfigurationError: not such an address.
        """
        try:
            parts = urlsplit(url)
            place = f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
            client = Redis.from_url(
                url,
                socket_timeout=_TIMEOUT,
                socket_connect_timeout=_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as exc:
            message = "REDIS_URL is not an address of a Redis: redis://host:6379/0 is one."
            raise ConfigurationError(message) from exc
        return cls(client, clock, f"Redis at {parts.path if parts.scheme == 'unix' else place}")

    async def answers(self) -> bool:
        """Redis answers within half a second."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                return bool(await self._client.ping())
        except _FAULTS as error:
            _log.debug("cache.ping_failed", store=self._store, reason=type(error).__name__)
            return False

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """One MGET; damaged values are misses and deleted."""
        found: dict[str, Sequence[StoredResponse]] = {}
        damaged: list[str] = []
        if not keys:
            return found
        values = await self._tried(lambda: self._client.mget([_PREFIX + key for key in keys])) or ()
        for key, value in zip(keys, values, strict=False):
            variants = self._codec.decode(value) if isinstance(value, bytes) else None
            if variants is not None:
                found[key] = variants
            elif value is not None:
                damaged.append(key)
        if damaged:
            _log.warning("cache.entries_damaged", store=self._store, entries=len(damaged))
            await self.forget(damaged)
        return found

    async def put(self, key: str, response: StoredResponse) -> None:
        """One SET, which hands back what it replaced; a second one where that had variants."""
        before = await self._set(key, (response,))
        if isinstance(before, bytes):
            others = [
                each
                for each in self._codec.decode(before) or ()
                if each.vary_key != response.vary_key
            ]
            if others:
                newest = sorted(others, key=lambda each: each.received_at, reverse=True)
                await self._set(key, (response, *newest[: _MOST_VARIANTS - 1]))

    async def forget(self, keys: Sequence[str]) -> None:
        """One UNLINK."""
        if keys:
            await self._tried(lambda: self._client.unlink(*(_PREFIX + key for key in keys)))

    async def usage(self) -> CacheUsage:
        """Counted by a scan over the keys; Redis may evict meanwhile."""
        entries = size = 0
        sources: dict[str, tuple[int, int]] = {}
        async for entry in self._entries():
            for variant in entry.variants:
                share = entry.bytes // len(entry.variants)
                count, total = sources.get(variant.source, (0, 0))
                sources[variant.source] = (count + 1, total + share)
                entries += 1
            size += entry.bytes
        return CacheUsage(entries, size, sources, self._store)

    async def purge(self, which: PurgeFilter) -> int:
        """Found by a scan over the keys."""
        now = self._clock.now().timestamp()
        purged = 0
        async for entry in self._entries():
            doomed = [
                which.matches(each.source, each.url, now - each.received_at)
                for each in entry.variants
            ]
            if all(doomed):
                await self._asked(self._client.unlink(_PREFIX + entry.key))
            elif any(doomed):
                await self._keep_some(entry.key, which, now)
            purged += sum(doomed)
        return purged

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _set(self, key: str, variants: Sequence[StoredResponse]) -> object:
        value = self._codec.encode(variants)
        if value is None:
            _log.debug("cache.entry_refused", store=self._store, url=variants[0].url)
            return None
        left = max(each.expires_at for each in variants) - self._clock.now().timestamp()
        seconds = max(1, math.ceil(min(left, _LONGEST_TTL)))
        return await self._tried(
            lambda: self._client.set(_PREFIX + key, value, ex=seconds, get=True)
        )

    async def _keep_some(self, key: str, which: PurgeFilter, now: float) -> None:
        value = await self._asked(self._client.get(_PREFIX + key))
        variants = self._codec.decode(value) if isinstance(value, bytes) else None
        kept = [
            each
            for each in variants or ()
            if not which.matches(each.source, each.url, now - each.received_at)
        ]
        rest = self._codec.encode(kept) if kept else None
        if rest is None:
            await self._asked(self._client.unlink(_PREFIX + key))
        else:
            await self._asked(self._client.set(_PREFIX + key, rest, keepttl=True, xx=True))

    async def _entries(self) -> AsyncGenerator[_Entry]:
        """Every entry that can be read, by its head alone."""
        cursor = 0
        while True:
            scan = self._client.scan(cursor, match=f"{_PREFIX}*", count=_BATCH)
            cursor, names = await self._asked(scan)
            keys = [
                str(name, "ascii", "replace").removeprefix(_PREFIX)
                for name in names
                if isinstance(name, bytes)
            ]
            for entry in await self._heads(keys) if keys else ():
                yield entry
            if not cursor:
                return

    async def _heads(self, keys: Sequence[str]) -> Iterable[_Entry]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.strlen(_PREFIX + key)
                pipeline.getrange(_PREFIX + key, 0, _HEAD_BYTES - 1)
            answers = await self._asked(pipeline.execute())
        entries: list[_Entry] = []
        for key, size, head in zip(keys, answers[::2], answers[1::2], strict=True):
            summaries = self._codec.summaries(head)
            if summaries is None and size > _HEAD_BYTES:
                value = await self._asked(self._client.get(_PREFIX + key))
                summaries = self._codec.summaries(value) if isinstance(value, bytes) else None
            if summaries:
                entries.append(_Entry(key, size, summaries))
        return entries

    async def _tried[T](self, command: Callable[[], Awaitable[T]]) -> T | None:
        """The command's answer; None when Redis is off, slow or refuses."""
        if not self._breaker.allows():
            return None
        try:
            answer = await command()
        except _FAULTS as error:
            self._breaker.failed(error)
            return None
        except asyncio.CancelledError:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return answer

    async def _asked[T](self, command: Awaitable[T]) -> T:
        try:
            return await command
        except _FAULTS as exc:
            message = f"{self._store} does not answer: {type(exc).__name__}."
            raise StorageError(message) from exc
