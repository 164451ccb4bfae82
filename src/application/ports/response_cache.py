"""The response cache port."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.http_caching.stored_response import StoredResponse

DERIVED = "derived:"
"""Begins the address of an entry that was made of several answers, and goes with any of them."""


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """What a store holds.

    Attributes:
        entries, bytes: stored answers and their stored (compressed) size.
        sources: the same by source name.
        store: what keeps it, in words ("embedded file …", "Redis at …").
        limit: what bounds it, in words.
    """

    entries: int
    bytes: int
    sources: Mapping[str, tuple[int, int]]
    store: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class PurgeFilter:
    """Which entries to drop; all conditions hold together, none at all means everything.

    What is derived of answers goes with every prefix of an address.
    """

    source: str | None = None
    url_prefix: str | None = None
    older_than: timedelta | None = None

    def matches(self, source: str, url: str, age: float) -> bool:
        """An entry with this source, address and age in seconds is to be dropped."""
        return (
            (self.source is None or source == self.source)
            and (self.url_prefix is None or url.startswith((self.url_prefix, DERIVED)))
            and (self.older_than is None or age > self.older_than.total_seconds())
        )


class ResponseCache(Protocol):
    """Keeps answers by key; decides nothing.

    A store that is down, slow or corrupt is a miss and one warning, never an error:
    no method but `usage`, `count` and `purge` raises. An entry whose `expires_at` has passed is
    never handed out.
    """

    @abstractmethod
    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """The stored variants of each key that has any; one round trip."""

    @abstractmethod
    async def put(self, key: str, response: StoredResponse, *, alone: bool = False) -> None:
        """Store one variant, in place of the one with the same `vary_key`; `alone`: of all."""

    @abstractmethod
    async def forget(self, keys: Sequence[str]) -> None:
        """Drop all variants of the keys."""

    @abstractmethod
    async def usage(self) -> CacheUsage:
        """What the store holds; StorageError when it does not answer."""

    @abstractmethod
    async def count(self, which: PurgeFilter) -> int:
        """How many entries `purge` would drop; StorageError when the store does not answer."""

    @abstractmethod
    async def purge(self, which: PurgeFilter) -> int:
        """Drop entries; how many. Others may go on writing. StorageError as for `count`."""

    @abstractmethod
    async def close(self) -> None:
        """Write what is still to be written and let go; safe to repeat."""
