"""The catalog caches port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.snapshots import Snapshot


class CatalogCaches(Protocol):
    """What stands beside the manifests and can be had from them again."""

    @abstractmethod
    async def drop(self) -> Sequence[str]:
        """Drop indexes, and the notes of what was published last; the names of what went.

        A record of pruned versions that cannot be read is set aside. Safe to repeat.
        StorageError when the disk fails.
        """

    @abstractmethod
    async def note_pruned(self, snapshots: Sequence[Snapshot]) -> None:
        """Write down that these versions were there once."""
