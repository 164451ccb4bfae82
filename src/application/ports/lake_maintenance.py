"""The lake maintenance port."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.manifest import DataFile


@dataclass(frozen=True, slots=True)
class RunFolder:
    """What a run has put into the lake for one data set.

    Attributes:
        path: relative to the data folder, as in the paths of a manifest's files.
        bytes: what removing it would free.
    """

    path: str
    files: int
    bytes: int


class Defect(StrEnum):
    """What is wrong with a file."""

    MISSING = "missing"
    LENGTH = "length"  # not as many bytes as the manifest says
    CHECKSUM = "checksum"  # other bytes than those that were published
    UNREADABLE = "unreadable"  # it cannot be opened at all
    ROWS = "rows"  # the bytes are those that were published, and so was the mistake


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A file that is not what its manifest says.

    Attributes:
        detail: what was found, in words.
        columns: for a damaged file that can still be opened, the columns that do not read back.
    """

    file: DataFile
    defect: Defect
    detail: str
    columns: tuple[str, ...] = ()


class LakeMaintenance(Protocol):
    """Looks after the immutable files that versions name."""

    @abstractmethod
    async def check(self, file: DataFile) -> FileFinding | None:
        """Compare length, SHA-256 and rows with the manifest's; None when all agree.

        Reads the whole file. StorageError when the disk itself fails.
        """

    @abstractmethod
    async def settled(self) -> Sequence[RunFolder]:
        """What the lake holds of runs that are over.

        Whoever wants to know what no version needs reads the versions *after* this call: the
        files of a run that commits meanwhile are either not among these, or in its version.
        """

    @abstractmethod
    async def remove(self, folders: Sequence[RunFolder]) -> None:
        """Remove folders that no version names; safe to repeat and to stop anywhere."""
