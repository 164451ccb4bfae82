"""The profiles port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.manifest import DataFile
from domain.profiles import TableProfile


class Profiles(Protocol):
    """What the columns of data sets hold."""

    @abstractmethod
    async def of(self, files: Sequence[DataFile]) -> TableProfile:
        """The profile of the rows of these files, which are those of one data set.

        It was made when the files were written, and costs one small read; where it is missing
        it is made from the files.

        Raises:
            StorageError: a file is missing or broken.
        """
