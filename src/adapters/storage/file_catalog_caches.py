"""Indexes and notes in a data folder."""

import asyncio
from collections.abc import Sequence

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.pruned_versions import PrunedVersions
from application.ports.catalog_caches import CatalogCaches
from domain.errors import StorageError
from domain.snapshots import Snapshot


class FileCatalogCaches(CatalogCaches):
    """`_catalog/*.index`, `_catalog/published` and `_catalog/pruned.json`."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._pruned = PrunedVersions(folder)

    async def drop(self) -> Sequence[str]:
        """Drop indexes and notes; their names."""
        return await asyncio.to_thread(self._drop)

    async def note_pruned(self, snapshots: Sequence[Snapshot]) -> None:
        """Write down that these versions were there once."""
        await asyncio.to_thread(self._pruned.add, snapshots)

    def _drop(self) -> list[str]:
        catalog = self._folder.versions.parent
        dropped = []
        with storage_errors("Removing the indexes of", catalog):
            for path in [*sorted(catalog.glob("*.index")), self._folder.catalog_note]:
                if path.exists():
                    path.unlink()
                    dropped.append(self._folder.relative(path))
        try:
            self._pruned.read()
        except StorageError:
            with storage_errors("Setting aside", self._pruned.path):
                self._pruned.path.replace(self._pruned.path.with_suffix(".damaged"))
            dropped.append(self._folder.relative(self._pruned.path))
        return dropped
