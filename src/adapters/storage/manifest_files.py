"""The versions of the catalog on the disk, read."""

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from domain.manifest import Manifest
from domain.manifest_json import manifest_from_json
from domain.snapshots import missing_version


class ManifestFiles:
    """`_catalog/v/00000042.json`. Blocking.

    The newest version is found by listing: it is always right, and ten thousand names take a few
    milliseconds. The one that was read last is kept, since it never changes and may name the files
    of ten thousand targets.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._last: tuple[os.stat_result, Manifest] | None = None

    def newest(self) -> Manifest:
        """The newest version; version 0 of an empty folder.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """
        return next(self.newest_first(), Manifest())

    def newer_than(self, manifest: Manifest) -> Manifest:
        """The newest version; the one that the caller has, where there is no newer one."""
        if max(self.numbers(), default=0) <= manifest.version:
            return manifest
        return self.newest()

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
                with self.path(version).open("rb") as file:
                    about, last = os.fstat(file.fileno()), self._last
                    if last is not None and _is_same(last[0], about):
                        return last[1]
                    content = file.read()
            except FileNotFoundError:
                return None
        found = manifest_from_json(content)
        self._last = (about, found)
        return found

    def remember(self, manifest: Manifest) -> None:
        """A version that was just written here need not be read."""
        with storage_errors("Reading", self._folder.versions):
            self._last = (self.path(manifest.version).stat(), manifest)

    def path(self, version: int) -> Path:
        """The file of a version."""
        return self._folder.versions / _name(version)

    def numbers(self) -> list[int]:
        """The versions that are there, in any order."""
        with storage_errors("Reading", self._folder.versions):
            try:
                names = os.listdir(self._folder.versions)  # noqa: PTH208  # a third of the time
            except (FileNotFoundError, NotADirectoryError):
                return []
        return [number for name in names if (number := self.number(name))]

    @staticmethod
    def number(name: str) -> int:
        """The version that a file of this name holds; 0 for a file that is none."""
        number = name.removesuffix(".json")
        is_version = number.isascii() and number.isdecimal() and name == _name(int(number))
        return int(number) if is_version else 0


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether both are of one file that has not been written since."""
    return os.path.samestat(one, other) and (one.st_mtime_ns, one.st_size) == (
        other.st_mtime_ns,
        other.st_size,
    )


def _name(version: int) -> str:
    return f"{version:08}.json"
