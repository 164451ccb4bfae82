"""Manifest versions in memory."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.manifest_log import ManifestLog
from domain.errors import PipelineError, StorageError
from domain.manifest import Manifest, Publication, conflict, next_manifest
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
        made = (each.version for each in self.manifests if run_id in each.runs)
        return next(made, None)

    async def commit_all(
        self, publications: Sequence[Publication], at: datetime
    ) -> Sequence[Manifest | StorageError]:
        if self.fail is not None:
            raise self.fail
        found: dict[str, Manifest | StorageError] = {
            run_id: made for made in self.manifests for run_id in made.runs
        }
        latest = await self.latest()
        going = [each for each in publications if each.run_id not in found]
        found.update((each.run_id, why) for each in going if (why := conflict(latest, each)))
        if going := [each for each in going if each.run_id not in found]:
            made = next_manifest(latest, going, at)
            self.manifests.append(made)
            found.update(dict.fromkeys(made.runs, made))
        return [found[each.run_id] for each in publications]
