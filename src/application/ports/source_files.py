"""The source files port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.recordings import Recording


class SourceFiles(Protocol):
    """Declarations of a project, and the recordings of sources."""

    @abstractmethod
    def recording(self, name: str) -> Recording:
        """A source's recording.

        Raises:
            NotFoundError: there is none; says where it was looked for.
            ConfigurationError: it cannot be read; names the file and what is wrong.
        """

    @abstractmethod
    def exists(self, name: str) -> str:
        """The project's file of that name; empty when there is none."""

    @abstractmethod
    def save(self, name: str, declaration: str, recording: Recording) -> Sequence[str]:
        """Write a declaration and its recording in place of what was there; the files' names.

        Raises:
            StorageError: they cannot be written.
        """
