"""The Parquet files of a store, checked."""

import asyncio
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.parquet_lake_maintenance import ParquetLakeMaintenance
from adapters.storage.s3.run_uploads import MARKS
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.uninterrupted import uninterrupted
from application.ports.lake_maintenance import FileFinding, LakeMaintenance, RunFolder
from domain.manifest import DataFile

_RUN = "run="


class S3LakeMaintenance(LakeMaintenance):
    """`lake/<domain>/<table>/target=<target>/run=<run>/<attempt>/`.

    A file is fetched for its check and removed again: what the mirror keeps was checked when it
    came, and says nothing about the store.

    Args:
        objects: the store.
        mirror: lies on the disk that takes one file at a time.
    """

    def __init__(self, objects: S3Objects, mirror: DataFolder) -> None:
        self._objects = objects
        self._mirror = mirror

    async def check(self, file: DataFile) -> FileFinding | None:
        """Compare length, SHA-256 and rows with the manifest's."""
        root = self._mirror.root
        with storage_errors("Writing into", root):
            root.mkdir(parents=True, exist_ok=True)
            scratch = tempfile.TemporaryDirectory(prefix="check-", dir=root)
        with scratch as name:
            folder = DataFolder(Path(name))
            await uninterrupted(asyncio.to_thread(self._fetch, file.path, folder))
            return await ParquetLakeMaintenance(folder).check(file)

    async def settled(self) -> Sequence[RunFolder]:
        """What the lake holds of runs that are over."""
        return await asyncio.to_thread(self._settled)

    async def remove(self, folders: Sequence[RunFolder]) -> None:
        """Remove folders that no version names."""
        for each in folders:
            await uninterrupted(asyncio.to_thread(self._remove, each.path))

    def _fetch(self, key: str, folder: DataFolder) -> None:
        path = folder.inside(folder.root / key)
        if self._objects.head(key) is None:
            return
        with storage_errors("Writing", path):
            path.parent.mkdir(parents=True)
            with path.open("xb") as file:
                for block in self._objects.blocks(key):
                    file.write(block)

    def _settled(self) -> list[RunFolder]:
        """Listed before the marks: a run that is under way has one all along."""
        found = self._objects.listed("lake")
        marked = {each.key.split("/")[1].partition(".")[0] for each in self._objects.listed(MARKS)}
        folders = []
        for path, members in groupby(found, key=lambda each: each.key.rpartition("/")[0]):
            run = next((part for part in path.split("/") if part.startswith(_RUN)), "")
            if run.removeprefix(_RUN) not in marked:
                sizes = [each.size for each in members]
                folders.append(RunFolder(path, len(sizes), sum(sizes)))
        return folders

    def _remove(self, folder: str) -> None:
        self._objects.delete([each.key for each in self._objects.listed(folder)])
