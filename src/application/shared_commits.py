"""The manifest log as one of many targets sees it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from application.crew import Crew, Meeting
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest, Publication

_PATIENCE = 30.0  # seconds that a sealed run waits for others: each version names all that is there


class SharedCommits(ManifestLog):
    """Commits all runs of a crew that are sealed as one version.

    Attributes:
        committing: the tasks whose runs are being committed, or were.
    """

    def __init__(self, manifests: ManifestLog, crew: Crew) -> None:
        self._manifests = manifests
        self._clock = crew.clock
        self.committing: set[asyncio.Task[object] | None] = set()
        self._meeting = Meeting[Publication, Manifest](crew, self._commit, _PATIENCE)

    async def latest(self) -> Manifest:
        """The newest version."""
        return await self._manifests.latest()

    async def at(self, version: int) -> Manifest:
        """The version of that number."""
        return await self._manifests.at(version)

    async def version_of(self, run_id: str) -> int | None:
        """The version that a run made."""
        return await self._manifests.version_of(run_id)

    async def commit_all(
        self, publications: Sequence[Publication], at: datetime
    ) -> Sequence[Manifest | StorageError]:
        """Commit each together with what others have sealed meanwhile; `at` is the commit's."""
        del at
        self.committing.add(asyncio.current_task())
        found: list[Manifest | StorageError] = []
        for each in publications:
            try:
                found.append(await self._meeting.attend(each))
            except StorageError as error:
                found.append(error)
        return found

    async def _commit(
        self, publications: Sequence[Publication]
    ) -> Sequence[Manifest | StorageError]:
        return await self._manifests.commit_all(publications, self._clock.now())
