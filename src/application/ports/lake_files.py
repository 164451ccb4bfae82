"""The lake files port."""

from abc import abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from domain.manifest import Manifest

QUARANTINE = "meta.quarantine"
"""Asks for the rows that were kept out, which no version names."""


class LakeFiles(Protocol):
    """Files of a version as files of this machine, wherever the lake is."""

    @property
    @abstractmethod
    def root(self) -> Path:
        """The folder that a version's paths lead from, absolute and always the same."""

    @abstractmethod
    def hold(
        self, manifest: Manifest, tables: Collection[str], target: str | None = None
    ) -> AbstractContextManager[Path]:
        """Have the files of some tables below the root for the length of the context. Blocking.

        Args:
            manifest: the version.
            tables: qualified names, `meta.quarantine` among them if its files are wanted; those
                that the version does not have are passed over.
            target: only the files of this target.

        Raises:
            StorageError: a file is missing, damaged or out of reach.
        """
