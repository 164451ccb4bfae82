"""Manifest versions as files; a hard link is the commit."""

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder, write_temporary
from adapters.storage.file_lock import FileLock
from adapters.storage.made_versions import made_versions
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.version_index import VersionIndex
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest, Publication, conflict, next_manifest
from domain.manifest_json import manifest_to_json

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
        self._index = VersionIndex(folder, self._files)

    async def latest(self) -> Manifest:
        """The newest version; version 0 of an empty folder."""
        return await asyncio.to_thread(self._files.newest)

    async def at(self, version: int) -> Manifest:
        """The version of that number."""
        return await asyncio.to_thread(self._files.at, version)

    async def version_of(self, run_id: str) -> int | None:
        """The version that a run made, also one that was pruned since."""
        return await asyncio.to_thread(self._index.version_of, run_id)

    async def commit_all(
        self, publications: Sequence[Publication], at: datetime
    ) -> Sequence[Manifest | StorageError]:
        """Add the next version; runs that are already committed are left as they are."""
        return await asyncio.to_thread(self._commit, publications, at)

    def _commit(
        self, publications: Sequence[Publication], at: datetime
    ) -> list[Manifest | StorageError]:
        self._folder.prepare()
        for _ in range(_ATTEMPTS):
            found = made_versions(publications, self._files.newest_first())
            newest = self._files.newest()
            lacking = [each for each in publications if each.run_id not in found]
            refused = {
                each.run_id: reason for each in lacking if (reason := conflict(newest, each))
            }
            going = [each for each in lacking if each.run_id not in refused]
            if not going:
                return [(found | refused)[each.run_id] for each in publications]
            manifest = next_manifest(newest, going, at)
            path = self._files.path(manifest.version)
            with storage_errors("Committing", path):
                if self._add(path, manifest_to_json(manifest)):
                    self._files.remember(manifest)
                    made = dict.fromkeys(manifest.runs, manifest)
                    return [(found | refused | made)[each.run_id] for each in publications]
            _log.debug("manifest.rebased", version=manifest.version)
        message = f"{self._folder.versions} changes too fast to commit; run the command again."
        raise StorageError(message)

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
