"""The versions of the catalog on the disk, read."""

from collections.abc import Iterator
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from domain.manifest import Manifest, manifest_from_json
from domain.snapshots import missing_version


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
            NotFoundError: there is none, or not any more.
        """
        found = self.read(version) if version > 0 else None
        if found is None:
            raise missing_version(version, self.numbers())
        return found

    def newest_first(self) -> Iterator[Manifest]:
        """All versions; one that is pruned meanwhile is passed over."""
        for number in sorted(self.numbers(), reverse=True):
            if (found := self.read(number)) is not None:
                yield found

    def read(self, version: int) -> Manifest | None:
        """The version of that number; None when there is none."""
        with storage_errors("Reading", self._folder.versions):
            try:
                content = self.path(version).read_bytes()
            except FileNotFoundError:
                return None
        return manifest_from_json(content)

    def path(self, version: int) -> Path:
        """The file of a version."""
        return self._folder.versions / _name(version)

    def numbers(self) -> list[int]:
        """The versions that are there, in any order."""
        with storage_errors("Reading", self._folder.versions):
            try:
                names = [path.name for path in self._folder.versions.iterdir()]
            except (FileNotFoundError, NotADirectoryError):
                return []
        return [number for name in names if (number := self.number(name))]

    @staticmethod
    def number(name: str) -> int:
        """The version that a file of this name holds; 0 for a file that is none."""
        number = name.removesuffix(".json")
        is_version = number.isascii() and number.isdecimal() and name == _name(int(number))
        return int(number) if is_version else 0


def _name(version: int) -> str:
    return f"{version:08}.json"
