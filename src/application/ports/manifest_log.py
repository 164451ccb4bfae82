"""The manifest log port."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.errors import StorageError
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
    async def commit_all(
        self, publications: Sequence[Publication], at: datetime
    ) -> Sequence[Manifest | StorageError]:
        """Publish several runs: atomically add one version, rebased on whatever is newest.

        Safe to repeat: a run that is already committed is left as it is.

        Args:
            publications: each of another target, or of other tables.
            at: the moment.

        Returns:
            For each of them the version that has it; or why it was left out, which harms none of
            the others: its rows were merged with rows that another run has replaced meanwhile.

        Raises:
            StorageError: no version was added.
        """

    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        """Publish one run; see `commit_all`.

        Raises:
            StorageError: no version was added, or another run was first.
        """
        (outcome,) = await self.commit_all([publication], at)
        if isinstance(outcome, StorageError):
            raise outcome
        return outcome
