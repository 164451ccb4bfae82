"""A store in memory that keeps what it is given, counts calls and can be told to fail."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.response_cache import DERIVED, CacheUsage, PurgeFilter, ResponseCache
from domain.errors import StorageError
from domain.http_caching.stored_response import StoredResponse


class FakeResponseCache(ResponseCache):
    """`entries` by key and `vary_key`; while `failing` is set, everything is a miss.

    A second one over the same `entries` finds what the first has stored.
    `asked` holds the keys of each look-up, so that round trips can be counted.
    """

    def __init__(
        self, clock: Clock, entries: dict[str, dict[str, StoredResponse]] | None = None
    ) -> None:
        self._clock = clock
        self.entries = {} if entries is None else entries
        self.asked: list[tuple[str, ...]] = []
        self.puts = 0
        self.failing = False
        self.closed = False

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        self.asked.append(tuple(keys))
        if self.failing or self.closed:
            return {}
        now = self._clock.now().timestamp()
        alive = {
            key: [each for each in self.entries.get(key, {}).values() if now < each.expires_at]
            for key in keys
        }
        return {key: variants for key, variants in alive.items() if variants}

    async def put(self, key: str, response: StoredResponse, *, alone: bool = False) -> None:
        self.puts += 1
        if not (self.failing or self.closed):
            if alone:
                self.entries.pop(key, None)
            self.entries.setdefault(key, {})[response.vary_key] = response

    async def forget(self, keys: Sequence[str]) -> None:
        if not (self.failing or self.closed):
            for key in keys:
                self.entries.pop(key, None)

    async def usage(self) -> CacheUsage:
        self._check()
        sources: dict[str, tuple[int, int]] = {}
        for _, _, each in self._all():
            count, size = sources.get(each.source, (0, 0))
            sources[each.source] = (count + 1, size + len(each.body))
        entries = sum(count for count, _ in sources.values())
        return CacheUsage(
            entries, sum(size for _, size in sources.values()), sources, "memory", "none"
        )

    async def count(self, which: PurgeFilter) -> int:
        self._check()
        return len(self._matching(which))

    async def purge(self, which: PurgeFilter) -> int:
        self._check()
        doomed = self._matching(which)
        for key, vary_key in doomed:
            del self.entries[key][vary_key]
            if not self.entries[key]:
                del self.entries[key]
        return len(doomed)

    async def close(self) -> None:
        self.closed = True

    def _all(self) -> list[tuple[str, str, StoredResponse]]:
        return [
            (key, vary_key, each)
            for key, variants in self.entries.items()
            for vary_key, each in variants.items()
        ]

    def _matching(self, which: PurgeFilter) -> list[tuple[str, str]]:
        now = self._clock.now()
        return [
            (key, vary_key)
            for key, vary_key, each in self._all()
            if which.source in {None, each.source}
            and each.url.startswith((which.url_prefix or "", DERIVED))
            and now.timestamp() - each.received_at
            > (which.older_than or timedelta(days=-36500)).total_seconds()
        ]

    def _check(self) -> None:
        if self.failing or self.closed:
            message = "the store does not answer"
            raise StorageError(message)
