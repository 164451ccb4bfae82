"""The versions of the catalog in the store, read through the mirror."""

from collections.abc import Iterator

from adapters.storage.data_folder import DataFolder
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.s3.mirrored_folder import MirroredFolder
from adapters.storage.s3.s3_objects import S3Objects, StoredObject
from adapters.storage.version_index import VersionIndex
from domain.errors import StorageError
from domain.manifest import Manifest
from domain.snapshots import missing_version

VERSIONS = "_catalog/v"


class S3Versions:
    """`_catalog/v/00000042.json`. Blocking.

    The newest version is found by listing, a request for each thousand versions. A manifest is
    fetched when somebody asks for it, and once by each machine.
    """

    def __init__(self, objects: S3Objects, mirror: DataFolder) -> None:
        self._folder = MirroredFolder(objects, VERSIONS, mirror.versions)
        self._files = ManifestFiles(mirror)
        self._index = VersionIndex(mirror, self._files)

    def newest(self) -> Manifest:
        """The newest version; version 0 of an empty folder.

        Raises:
            DataFolderError: written by a newer version of this program.
            StorageError: unreadable.
        """
        return next(self.newest_first(), Manifest())

    def at(self, version: int) -> Manifest:
        """The version of that number; NotFoundError when there is none."""
        found = self._listed()
        if version not in found:
            raise missing_version(version, found)
        return self._read(version, found)

    def newest_first(self) -> Iterator[Manifest]:
        """All versions."""
        found = self._listed()
        for number in sorted(found, reverse=True):
            yield self._read(number, found)

    def version_of(self, run_id: str) -> int | None:
        """The version that a run made; a machine that is new here fetches all manifests for it."""
        newest = self.newest()
        if run_id in newest.runs:
            return newest.version
        self.bring_all()
        return self._index.version_of(run_id)

    def bring_all(self) -> None:
        """Have all manifests in the mirror."""
        self._folder.bring_all()

    def key(self, version: int) -> str:
        """The object of a version."""
        return f"{VERSIONS}/{self._files.path(version).name}"

    def _listed(self) -> dict[int, StoredObject]:
        found = self._folder.names().items()
        return {number: each for name, each in found if (number := self._files.number(name))}

    def _read(self, version: int, found: dict[int, StoredObject]) -> Manifest:
        names = {self._files.path(number).name: each for number, each in found.items()}
        self._folder.bring(names, [self._files.path(version).name])
        manifest = self._files.read(version)
        if manifest is None:
            message = f"Version {version} has gone from the store while it was read."
            raise StorageError(message)
        return manifest
