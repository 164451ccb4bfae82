"""What the entries of a Redis are, without reading their bodies."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from adapters.cache.guarded_redis import GuardedRedis
from adapters.cache.response_codec import ResponseCodec, Summary
from application.ports.response_cache import PurgeFilter
from domain.errors import StorageError

PREFIX = "adp:cache:v2:"
"""Begins every key of this format, so that a Redis may be shared with others."""

_BATCH = 512
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One key.

    Attributes:
        bytes: of its value, all variants together.
    """

    key: str
    bytes: int
    variants: Sequence[Summary]

    def matching(self, which: PurgeFilter, now: float) -> int:
        """How many variants the filter matches."""
        return sum(
            which.matches(each.source, each.url, now - each.received_at) for each in self.variants
        )


class RedisInventory:
    """Scans the keys with the prefix; Redis may evict and others may write meanwhile.

    All methods raise StorageError when Redis does not answer.
    """

    def __init__(self, redis: GuardedRedis, codec: ResponseCodec) -> None:
        self._redis = redis
        self._client = redis.client
        self._codec = codec

    async def pages(self) -> AsyncGenerator[Sequence[Entry]]:
        """Every entry that can be read, some at a time; one that is scanned twice comes once."""
        cursor = 0
        seen: set[bytes] = set()
        while True:
            scan = self._client.scan(cursor, match=f"{PREFIX}*", count=_BATCH)
            cursor, names = await self._redis.asked(scan)
            new = [name for name in names if isinstance(name, bytes) and name not in seen]
            seen.update(new)
            keys = [str(name, "ascii", "replace").removeprefix(PREFIX) for name in new]
            if keys:
                yield await self._heads(keys)
            if not cursor:
                return

    async def limit(self) -> str:
        """What bounds this Redis, in words; a Redis may keep that to itself."""
        try:
            memory = await self._redis.asked(self._client.info("memory"))
        except StorageError:
            return "unknown"
        most = int(memory.get("maxmemory", 0))
        if not most:
            return "none: set maxmemory, and maxmemory-policy to allkeys-lru"
        return f"{most / 1e6:,.0f} MB, {memory.get('maxmemory_policy', 'noeviction')}"

    async def drop(self, page: Sequence[Entry], which: PurgeFilter, now: float) -> int:
        """Drop what the filter matches of the entries; how many variants."""
        purged = 0
        names: list[str] = []
        for entry in page:
            doomed = entry.matching(which, now)
            purged += doomed
            if doomed == len(entry.variants):
                names.append(PREFIX + entry.key)
            elif doomed:
                await self._keep_some(entry.key, which, now)
        if names:
            await self._redis.asked(self._client.unlink(*names))
        return purged

    async def _keep_some(self, key: str, which: PurgeFilter, now: float) -> None:
        value = await self._redis.asked(self._client.get(PREFIX + key))
        variants = self._codec.decode(value, key)
        kept = [
            each
            for each in variants or ()
            if not which.matches(each.source, each.url, now - each.received_at)
        ]
        rest = self._codec.encode(kept, key) if kept else None
        if rest is None:
            await self._redis.asked(self._client.unlink(PREFIX + key))
        else:
            await self._redis.asked(self._client.set(PREFIX + key, rest, keepttl=True, xx=True))

    async def _heads(self, keys: Sequence[str]) -> Sequence[Entry]:
        async with self._client.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.strlen(PREFIX + key)
                pipeline.getrange(PREFIX + key, 0, _HEAD_BYTES - 1)
            answers = await self._redis.asked(pipeline.execute(raise_on_error=False))
        entries: list[Entry] = []
        for key, size, head in zip(keys, answers[::2], answers[1::2], strict=True):
            if not isinstance(size, int) or not isinstance(head, bytes):
                continue  # of another type: nothing of ours
            summaries = self._codec.summaries(head)
            if summaries is None and size > _HEAD_BYTES:
                value = await self._redis.asked(self._client.get(PREFIX + key))
                summaries = self._codec.summaries(value)
            if summaries:
                entries.append(Entry(key, size, summaries))
        return entries
