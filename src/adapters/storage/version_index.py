"""The versions on the disk, each in a line."""

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.file_index import FileIndex
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.pruned_versions import PrunedVersions
from domain.snapshots import Snapshot, snapshot_of

_UNREAD = 4  # manifests grow with the number of targets


class VersionIndex:
    """Reads each manifest once; keeps what it read in `_catalog/versions.index`. Blocking.

    Args:
        folder: the data folder.
        files: its manifests, where somebody reads them already.
    """

    def __init__(self, folder: DataFolder, files: ManifestFiles | None = None) -> None:
        self._folder = folder
        self._files = files or ManifestFiles(folder)
        self._pruned = PrunedVersions(folder)
        path = folder.root / "_catalog" / "versions.index"
        self._index = FileIndex(path, folder.versions, Snapshot, unread=_UNREAD)
        self._read_here: dict[tuple[str, int], Snapshot] = {}
        self._made: tuple[dict[str, int], dict[str, int]] = ({}, {})

    def kept(self) -> list[Snapshot]:
        """The versions that are there, oldest first.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """
        return self._kept(self._names())

    def pruned(self) -> list[Snapshot]:
        """The versions that were removed, oldest first."""
        there = set(self._files.numbers())
        found = self._pruned.read()
        return [found[number] for number in sorted(found) if number not in there]

    def version_of(self, run_id: str) -> int | None:
        """The version that a run made, also one that was pruned since."""
        names = self._names()
        if names != self._made[0]:
            kept = self._kept(names)
            self._made = names, {run: each.version for each in kept for run in each.runs}
        if (version := self._made[1].get(run_id)) is not None:
            return version
        pruned = (each.version for each in self.pruned() if run_id in each.runs)
        return next(pruned, None)

    def forget(self) -> None:
        """Read all manifests again when they are next wanted."""
        with storage_errors("Removing the index of", self._folder.versions):
            self._index.forget()

    def _names(self) -> dict[str, int]:
        with storage_errors("Reading", self._folder.versions):
            return {
                name: inode
                for name, inode in self._index.names(".json").items()
                if self._files.number(name)
            }

    def _kept(self, names: dict[str, int]) -> list[Snapshot]:
        found = self._index.values(
            names, lambda name: self._once(name, names[name]), lambda _: True
        )
        return sorted((made() for made in found.values()), key=lambda each: each.version)

    def _once(self, name: str, inode: int) -> Snapshot | None:
        """Of a version that the index has not taken in yet; this object reads it once."""
        known = self._read_here.get((name, inode)) or self._read(name)
        if known is not None:
            self._read_here[name, inode] = known
        return known

    def _read(self, name: str) -> Snapshot | None:
        manifest = self._files.read(self._files.number(name))
        return snapshot_of(manifest) if manifest else None
