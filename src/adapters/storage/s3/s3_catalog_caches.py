"""Indexes and notes of a store and of its mirror."""

import asyncio
from collections.abc import Sequence

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_publisher import NOTE
from application.ports.catalog_caches import CatalogCaches
from domain.snapshots import Snapshot


class S3CatalogCaches(CatalogCaches):
    """`_catalog/published.json` in the store; here the indexes, and what was fetched with what tag.

    Args:
        objects: the store.
        mirror: the folder of this machine.
        local: its own caches.
    """

    def __init__(self, objects: S3Objects, mirror: DataFolder, local: CatalogCaches) -> None:
        self._objects = objects
        self._mirror = mirror
        self._local = local

    async def drop(self) -> Sequence[str]:
        """Drop indexes and notes; their names."""
        return [*await self._local.drop(), *await asyncio.to_thread(self._drop)]

    async def note_pruned(self, snapshots: Sequence[Snapshot]) -> None:
        """Write down, for this machine, that these versions were there once."""
        await self._local.note_pruned(snapshots)

    def _drop(self) -> list[str]:
        catalog = self._mirror.versions.parent
        dropped = []
        with storage_errors("Removing the notes of", catalog):
            for path in sorted(catalog.glob("*.tags")):
                path.unlink()
                dropped.append(self._mirror.relative(path))
        if self._objects.head(NOTE) is not None:
            self._objects.delete([NOTE])
            dropped.append(NOTE)
        return dropped
