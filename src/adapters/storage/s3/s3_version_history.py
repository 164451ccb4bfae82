"""The versions of a store."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager

from adapters.storage.s3.s3_versions import S3Versions
from application.ports.version_history import VersionHistory
from domain.snapshots import Snapshot


class S3VersionHistory(VersionHistory):
    """Of the manifests in the mirror, once all are there.

    Args:
        versions: brings them.
        local: reads them in the mirror.
    """

    def __init__(self, versions: S3Versions, local: VersionHistory) -> None:
        self._versions = versions
        self._local = local

    async def kept(self) -> Sequence[Snapshot]:
        """The versions that can be read, oldest first."""
        await asyncio.to_thread(self._versions.bring_all)
        return await self._local.kept()

    async def pruned(self) -> Sequence[Snapshot]:
        """The versions that are missing, as this machine has written them down."""
        return await self._local.pruned()

    def reading(self, version: int) -> AbstractContextManager[None]:
        """Nobody removes versions from a store."""
        return self._local.reading(version)
