"""Manifest versions as files; a hard link is the commit."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder, write_temporary
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import (
    Manifest,
    Publication,
    manifest_from_json,
    manifest_to_json,
    next_manifest,
)

_ATTEMPTS = 100
_log = structlog.get_logger()


class FileManifestLog(ManifestLog):
    """`_catalog/v/00000042.json`, written once and never changed.

    Adding version N+1 is `link()` of a durable temporary file to that name: it fails when
    another process was first, and then the publication is rebased on what that one wrote.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def latest(self) -> Manifest:
        """The newest version; version 0 of an empty folder."""
        return await asyncio.to_thread(self._latest)

    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        """Add the next version; a run that is already committed is returned as it is."""
        return await asyncio.to_thread(self._commit, publication, at)

    def _latest(self) -> Manifest:
        with storage_errors("Reading", self._folder.versions):
            number = self._newest()
            return self._read(number) if number else Manifest()

    def _newest(self) -> int:
        """The largest version number; 0 without any."""
        try:
            names = [path.name for path in self._folder.versions.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return 0
        return max((_number(name) for name in names), default=0)

    def _read(self, version: int) -> Manifest:
        return manifest_from_json(self._path(version).read_bytes())

    def _path(self, version: int) -> Path:
        return self._folder.versions / f"{version:08}.json"

    def _commit(self, publication: Publication, at: datetime) -> Manifest:
        self._folder.prepare()
        for _ in range(_ATTEMPTS):
            current = self._latest()
            if _is_committed(current, publication):
                return current
            manifest = next_manifest(current, publication, at)
            path = self._path(manifest.version)
            with storage_errors("Committing", path):
                if self._add(path, manifest_to_json(manifest)):
                    return manifest
            _log.debug("manifest.rebased", version=manifest.version)
        message = f"{self._folder.versions} changes too fast to commit; run the command again."
        raise StorageError(message)

    def _add(self, path: Path, document: bytes) -> bool:
        """Whether this process was the one that made the version."""
        temporary = write_temporary(path, document)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
        return True


def _number(name: str) -> int:
    stem, _, suffix = name.partition(".")
    return int(stem) if suffix == "json" and stem.isdecimal() else 0


def _is_committed(manifest: Manifest, publication: Publication) -> bool:
    return bool(publication.tables) and all(
        name in manifest.tables
        and publication.target in manifest.tables[name].datasets
        and manifest.tables[name].datasets[publication.target].run_id == publication.run_id
        for name in publication.tables
    )
