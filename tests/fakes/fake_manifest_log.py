"""Manifest versions in memory."""

from datetime import datetime

from application.ports.manifest_log import ManifestLog
from domain.errors import PipelineError
from domain.manifest import Manifest, Publication, next_manifest
from domain.snapshots import missing_version


class FakeManifestLog(ManifestLog):
    """A list of versions; `fail` is raised by `commit`."""

    def __init__(self) -> None:
        self.manifests: list[Manifest] = []
        self.fail: PipelineError | None = None

    async def latest(self) -> Manifest:
        return self.manifests[-1] if self.manifests else Manifest()

    async def at(self, version: int) -> Manifest:
        for manifest in self.manifests:
            if manifest.version == version:
                return manifest
        raise missing_version(version, [each.version for each in self.manifests])

    async def version_of(self, run_id: str) -> int | None:
        made = (each.version for each in self.manifests if each.run_id == run_id)
        return next(made, None)

    async def commit(self, publication: Publication, at: datetime) -> Manifest:
        if self.fail is not None:
            raise self.fail
        for made in self.manifests:
            if made.run_id == publication.run_id:
                return made
        self.manifests.append(next_manifest(await self.latest(), publication, at))
        return self.manifests[-1]
