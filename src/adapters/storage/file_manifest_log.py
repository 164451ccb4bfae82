"""Manifest versions as files; a hard link is the commit."""

import asyncio
import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder, write_temporary
from adapters.storage.file_lock import FileLock
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.version_index import VersionIndex
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest, Publication, manifest_to_json, next_manifest

_ATTEMPTS = 100
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_log = structlog.get_logger()


class FileManifestLog(ManifestLog):
    """`_catalog/v/00000042.json`, written once and never changed.

    Adding version N+1 is `link()` of a durable temporary file to that name: it fails when
    another process was first, and then the publication is rebased on what that one wrote.

    Args:
        folder: the data folder.
        link: makes a hard link; `os.link`.
    """

    def __init__(self, folder: DataFolder, link: Callable[[Path, Path], None] = os.link) -> None:
        self._folder = folder
        self._link = link
        self._files = ManifestFiles(folder)
        self._index = VersionIndex(folder)

    async def latest(self) -> Manifest:
        """The newest version; version 0 of an empty folder."""
        return await asyncio.to_thread(self._files.newest)

    async def at(self, version: int) -> Manifest:
        """The version of that number."""
        return await asyncio.to_thread(self._files.at, version)

    async def version_of(self, run_id: str) -> int | None:
        """The version that a run made, also one that was pruned since."""
        return await asyncio.to_thread(self._index.version_of, run_id)

    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        """Add the next version; a run that is already committed is returned as it is."""
        return await asyncio.to_thread(self._commit, publication, at)

    def _commit(self, publication: Publication, at: datetime) -> Manifest:
        self._folder.prepare()
        for _ in range(_ATTEMPTS):
            made = self._made_by(publication)
            if made is not None:
                return made
            manifest = next_manifest(self._files.newest(), publication, at)
            path = self._files.path(manifest.version)
            with storage_errors("Committing", path):
                if self._add(path, manifest_to_json(manifest)):
                    return manifest
            _log.debug("manifest.rebased", version=manifest.version)
        message = f"{self._folder.versions} changes too fast to commit; run the command again."
        raise StorageError(message)

    def _made_by(self, publication: Publication) -> Manifest | None:
        """The version that the run has made already, looked for back to when it was sealed."""
        sealed = [
            each.committed_at for t in publication.tables.values() for each in t.datasets.values()
        ]
        for manifest in self._files.newest_first():
            if manifest.run_id == publication.run_id:
                return manifest
            if manifest.committed_at and all(manifest.committed_at < each for each in sealed):
                break
        return None

    def _add(self, path: Path, document: bytes) -> bool:
        """Whether this process was the one that made the version."""
        temporary = write_temporary(path, document)
        try:
            self._link(temporary, path)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not self._rename_locked(temporary, path):
                return False
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
        return True

    def _rename_locked(self, temporary: Path, path: Path) -> bool:
        """For file systems without hard links: one process at a time looks and renames.

        A lock rather than a claim file made with O_EXCL, which a killed process would leave.
        """
        lock = FileLock(self._folder.locks / "commit.lock")
        if not lock.take() or path.exists():
            lock.release()
            return False
        try:
            temporary.rename(path)
        finally:
            lock.release()
        return True
