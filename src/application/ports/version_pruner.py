"""The version pruner port."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.snapshots import Snapshot


class VersionPruner(Protocol):
    """Takes versions out of the catalog; their files are somebody else's matter."""

    @abstractmethod
    def alone(self) -> AbstractAsyncContextManager[None]:
        """No other prune of the catalog for the length of the context.

        StorageError when there is one under way already.
        """

    @abstractmethod
    async def remove(self, versions: Sequence[Snapshot]) -> Sequence[int]:
        """Remove versions, oldest first, durably; the numbers of those that have gone.

        A version that somebody reads stays. That each of them was there, and which run made it,
        is written down before. Safe to stop anywhere: what is left is whole versions.
        """
