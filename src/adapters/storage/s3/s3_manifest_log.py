"""Manifest versions as objects; a conditional write is the commit."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from adapters.storage.made_versions import made_versions
from adapters.storage.s3.in_parallel import in_parallel
from adapters.storage.s3.run_uploads import RunUploads
from adapters.storage.s3.s3_errors import UncertainWriteError
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_versions import S3Versions
from adapters.storage.uninterrupted import uninterrupted
from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import Manifest, Publication, conflict, next_manifest
from domain.manifest_json import manifest_to_json

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

    async def commit_all(
        self, publications: Sequence[Publication], at: datetime
    ) -> Sequence[Manifest | StorageError]:
        """Upload the runs' files and add the next version."""
        return await uninterrupted(asyncio.to_thread(self._commit, publications, at))

    def _commit(
        self, publications: Sequence[Publication], at: datetime
    ) -> list[Manifest | StorageError]:
        found: dict[str, Manifest | StorageError] = dict(self._made_by(publications, tried=0))
        going = [each for each in publications if each.run_id not in found]
        uploaded = in_parallel(self._uploads.upload, going)
        marks = {each.run_id: mark for each, mark in zip(going, uploaded, strict=True)}
        tried = unanswered = 0
        for _ in range(_ATTEMPTS):
            newest = self._versions.newest()
            voided = in_parallel(lambda each: self._voided(marks[each.run_id]), going)
            for each, reason in zip(going, voided, strict=True):
                if why := conflict(newest, each) or reason:
                    found[each.run_id] = why
            going = [each for each in going if each.run_id not in found]
            if not going:
                return [found[each.run_id] for each in publications]
            manifest = next_manifest(newest, going, at)
            key = self._versions.key(manifest.version)
            try:
                if self._objects.create(key, manifest_to_json(manifest)) is not None:
                    found.update(dict.fromkeys(manifest.runs, manifest))
                    return [found[each.run_id] for each in publications]
            except UncertainWriteError:
                unanswered += 1
                if unanswered == _UNANSWERED:
                    raise
                _log.warning("manifest.unanswered", version=manifest.version)
            tried = tried or manifest.version
            found.update(self._made_by(going, tried))
            going = [each for each in going if each.run_id not in found]
            _log.debug("manifest.rebased", version=manifest.version)
        message = f"{self._objects.address} changes too fast to commit; run the command again."
        raise StorageError(message)

    def _made_by(self, publications: Sequence[Publication], tried: int) -> dict[str, Manifest]:
        """The versions that runs have made already.

        Looked for down to the first version that was tried; before the first attempt, back to
        when the runs were sealed.
        """
        if not publications:
            return {}
        clocks_differ = None if tried else _CLOCKS_DIFFER
        return made_versions(publications, self._down_to(tried), clocks_differ)

    def _voided(self, mark: str) -> StorageError | None:
        """Why a run may not be published any more."""
        try:
            self._uploads.check(mark)
        except StorageError as error:
            return error
        return None

    def _down_to(self, tried: int) -> Iterator[Manifest]:
        for manifest in self._versions.newest_first():
            yield manifest
            if manifest.version <= tried:
                break
