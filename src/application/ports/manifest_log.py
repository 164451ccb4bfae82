"""The manifest log port."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.manifest import Manifest, Publication


class ManifestLog(Protocol):
    """The versions of the catalog; adding one is the only commit point."""

    @abstractmethod
    async def latest(self) -> Manifest:
        """The newest version; version 0 of an empty folder.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """

    @abstractmethod
    async def at(self, version: int) -> Manifest:
        """The version of that number; NotFoundError when there is none."""

    @abstractmethod
    async def version_of(self, run_id: str) -> int | None:
        """The version that a run made, the newest or an earlier one; None when it made none."""

    @abstractmethod
    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        """Publish: atomically add the next version, rebased on whatever is newest.

        Safe to repeat: a run that is already committed is returned as it is.
        """
