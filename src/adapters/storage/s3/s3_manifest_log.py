"""Manifest versions as objects; a conditional write is the commit."""

import asyncio
from datetime import datetime, timedelta

import structlog

from adapters.storage.s3.run_uploads import RunUploads
from adapters.storage.s3.s3_errors import UncertainWriteError
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_versions import S3Versions
from adapters.storage.uninterrupted import uninterrupted
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest, Publication, manifest_to_json, next_manifest

_ATTEMPTS = 100
_UNANSWERED = 3
_CLOCKS_DIFFER = timedelta(hours=1)  # between machines, at most
_log = structlog.get_logger()


class S3ManifestLog(ManifestLog):
    """`_catalog/v/00000042.json`, written once and never changed.

    Adding version N+1 is a `PUT` of that key with `If-None-Match: *`: it is refused when another
    process was first, and then the publication is rebased on what that one wrote. Where no
    answer came the version is looked for, so that a run makes one version however often it asks.
    """

    def __init__(self, objects: S3Objects, versions: S3Versions, uploads: RunUploads) -> None:
        self._objects = objects
        self._versions = versions
        self._uploads = uploads

    async def latest(self) -> Manifest:
        """The newest version; version 0 of an empty folder."""
        return await asyncio.to_thread(self._versions.newest)

    async def at(self, version: int) -> Manifest:
        """The version of that number."""
        return await asyncio.to_thread(self._versions.at, version)

    async def version_of(self, run_id: str) -> int | None:
        """The version that a run made."""
        return await asyncio.to_thread(self._versions.version_of, run_id)

    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        """Upload the run's files and add the next version; a committed run is returned as it is."""
        return await uninterrupted(asyncio.to_thread(self._commit, publication, at))

    def _commit(self, publication: Publication, at: datetime) -> Manifest:
        made = self._made_by(publication, tried=0)
        if made is not None:
            return made
        mark = self._uploads.upload(publication)
        tried = unanswered = 0
        for _ in range(_ATTEMPTS):
            manifest = next_manifest(self._versions.newest(), publication, at)
            self._uploads.check(mark)
            key = self._versions.key(manifest.version)
            try:
                if self._objects.create(key, manifest_to_json(manifest)) is not None:
                    return manifest
            except UncertainWriteError:
                unanswered += 1
                if unanswered == _UNANSWERED:
                    raise
                _log.warning("manifest.unanswered", version=manifest.version)
            tried = tried or manifest.version
            made = self._made_by(publication, tried)
            if made is not None:
                return made
            _log.debug("manifest.rebased", version=manifest.version)
        message = f"{self._objects.address} changes too fast to commit; run the command again."
        raise StorageError(message)

    def _made_by(self, publication: Publication, tried: int) -> Manifest | None:
        """The version that the run has made already.

        Looked for down to the first version that was tried; before the first attempt, back to
        when the run was sealed.
        """
        sealed = min(
            table.datasets[publication.target].committed_at for table in publication.tables.values()
        )
        for manifest in self._versions.newest_first():
            if manifest.run_id == publication.run_id:
                return manifest
            at = manifest.committed_at
            older = at is not None and at < sealed - _CLOCKS_DIFFER
            if manifest.version <= tried or (older and not tried):
                break
        return None
