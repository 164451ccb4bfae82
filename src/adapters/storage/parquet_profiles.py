"""Profiles of the lake's data sets."""

import asyncio
from collections.abc import Sequence

from adapters.storage.column_profiles import profile_of
from adapters.storage.data_folder import DataFolder
from adapters.storage.profile_file import read_profile
from application.ports.profiles import Profiles
from domain.manifest import DataFile
from domain.profiles import TableProfile


class ParquetProfiles(Profiles):
    """`profile.json` beside each Parquet file; made from the file where that is missing."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def of(self, files: Sequence[DataFile]) -> TableProfile:
        """The profile of the rows of these files."""
        return await asyncio.to_thread(self._of, files)

    def _of(self, files: Sequence[DataFile]) -> TableProfile:
        paths = [self._folder.inside(self._folder.root / file.path) for file in files]
        rows = sum(file.rows for file in files)
        stored = read_profile(paths[0]) if len(paths) == 1 else None
        return stored if stored is not None and stored.rows == rows else profile_of(paths)
