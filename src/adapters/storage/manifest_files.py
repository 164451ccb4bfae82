"""The versions of the catalog on the disk, read."""

from collections.abc import Iterator
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from domain.errors import NotFoundError
from domain.manifest import Manifest, manifest_from_json


class ManifestFiles:
    """`_catalog/v/00000042.json`. Blocking.

    The newest version is found by listing: it is always right, and ten thousand names take a few
    milliseconds.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def newest(self) -> Manifest:
        """The newest version; version 0 of an empty folder.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """
        return next(self.newest_first(), Manifest())

    def at(self, version: int) -> Manifest:
        """The version of that number.

        Raises:
            NotFoundError: there is none.
        """
        if version not in (numbers := self._numbers()):
            hint = f"The newest one is {max(numbers)}." if numbers else "Nothing is published yet."
            raise NotFoundError(what="version", name=str(version), hint=hint)
        with storage_errors("Reading", self._folder.versions):
            return manifest_from_json(self.path(version).read_bytes())

    def newest_first(self) -> Iterator[Manifest]:
        """All versions."""
        with storage_errors("Reading", self._folder.versions):
            for number in sorted(self._numbers(), reverse=True):
                yield manifest_from_json(self.path(number).read_bytes())

    def path(self, version: int) -> Path:
        """The file of a version."""
        return self._folder.versions / _name(version)

    def _numbers(self) -> list[int]:
        try:
            names = [path.name for path in self._folder.versions.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [number for name in names if (number := _number(name))]


def _number(name: str) -> int:
    number = name.removesuffix(".json")
    is_version = number.isascii() and number.isdecimal() and name == _name(int(number))
    return int(number) if is_version else 0


def _name(version: int) -> str:
    return f"{version:08}.json"
