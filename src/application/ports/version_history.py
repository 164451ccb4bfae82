"""The version history port."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from domain.snapshots import Snapshot


class VersionHistory(Protocol):
    """All versions at once, cheaply, and the right to read one of them in peace."""

    @abstractmethod
    async def kept(self) -> Sequence[Snapshot]:
        """The versions that can be read, oldest first.

        Costs little for thousands of them: each manifest is read once in its life.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """

    @abstractmethod
    async def pruned(self) -> Sequence[Snapshot]:
        """The versions that were removed, oldest first."""

    @abstractmethod
    def reading(self, version: int) -> AbstractContextManager[None]:
        """Keep a version from being pruned for the length of the context. Blocking, at once.

        Ends with the process at the latest. Where nothing can be written (a read-only folder)
        it protects nothing. Look the version up again inside: it may have gone just before.
        """
