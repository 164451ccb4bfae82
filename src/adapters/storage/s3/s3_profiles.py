"""Profiles of data sets in a store."""

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import write_atomically
from adapters.storage.profile_file import PROFILE, read_profile
from adapters.storage.s3.holding import holding
from adapters.storage.s3.s3_lake_files import S3LakeFiles
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.uninterrupted import uninterrupted
from application.ports.profiles import Profiles
from domain.manifest import DataFile
from domain.profiles import TableProfile


class S3Profiles(Profiles):
    """Fetched from beside the Parquet files, which are fetched only where there is no profile.

    Args:
        objects: the store.
        mirror: keeps what was fetched.
        lake: brings Parquet files.
        local: reads profiles in the mirror, and makes them.
    """

    def __init__(
        self, objects: S3Objects, mirror: DataFolder, lake: S3LakeFiles, local: Profiles
    ) -> None:
        self._objects = objects
        self._mirror = mirror
        self._lake = lake
        self._local = local

    async def of(self, files: Sequence[DataFile]) -> TableProfile:
        """The profile of the rows of these files."""
        if len(files) == 1 and await uninterrupted(asyncio.to_thread(self._has_profile, files[0])):
            return await self._local.of(files)
        async with holding(self._lake.hold_files(files)):
            return await self._local.of(files)

    def _has_profile(self, file: DataFile) -> bool:
        """Whether a profile of the file is in the mirror, perhaps since now."""
        path = self._mirror.inside(self._mirror.root / file.path)
        found = read_profile(path)
        if found is None:
            there = self._objects.read(str(PurePosixPath(file.path).with_name(PROFILE)))
            if there is not None:
                write_atomically(path.with_name(PROFILE), there[0])
                found = read_profile(path)
        return found is not None and found.rows == file.rows
