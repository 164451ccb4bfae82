"""Compares versions whose files have to be brought first."""

from adapters.storage.s3.holding import holding
from application.ports.lake_files import LakeFiles
from application.ports.version_differ import TableDiff, VersionDiffer
from domain.manifest import Manifest


class LakeVersionDiffer(VersionDiffer):
    """Another differ, with the files of both versions held for it.

    Args:
        differ: compares files below the root of the lake.
        lake: brings them.
    """

    def __init__(self, differ: VersionDiffer, lake: LakeFiles) -> None:
        self._differ = differ
        self._lake = lake

    async def diff(
        self, table: str, target: str, before: Manifest, after: Manifest, limit: int
    ) -> TableDiff:
        """Counts and examples of what differs."""
        async with (
            holding(self._lake.hold(before, [table], target)),
            holding(self._lake.hold(after, [table], target)),
        ):
            return await self._differ.diff(table, target, before, after, limit)
