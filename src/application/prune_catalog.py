"""Removes versions that nobody wants any more, and the files that only they name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.lake_maintenance import LakeMaintenance, RunFolder
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.version_history import VersionHistory
from application.ports.version_pruner import VersionPruner
from domain.retention import Retention, select
from domain.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What a prune would do, or has done.

    Attributes:
        versions: those that go, or have gone.
        held: those that were to go, and that somebody reads.
        young: those that the retention gives up and that were the newest one less than a day
            ago.
        kept: how many versions are left.
        folders: folders of files that no version names then; also what a prune that was killed
            left behind.
    """

    versions: Sequence[int]
    held: Sequence[int]
    young: Sequence[int]
    kept: int
    folders: Sequence[RunFolder]

    @property
    def files(self) -> int:
        """How many files these are."""
        return sum(each.files for each in self.folders)

    @property
    def bytes(self) -> int:
        """What removing them frees."""
        return sum(each.bytes for each in self.folders)


class PruneCatalog:
    """Versions go first, then the files that no version names.

    A kill in between leaves files that the next prune finds, never a version without its files.
    Derived files are brought up to the newest version before, since those that a kill kept from
    being made may still lead into versions that go.
    An ingest may commit at any time: its version names files of the newest version, which never
    goes, and files of its own run, which is not over before it has committed.
    """

    def __init__(
        self,
        *,
        manifests: ManifestLog,
        history: VersionHistory,
        pruner: VersionPruner,
        lake: LakeMaintenance,
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        self._manifests = manifests
        self._history = history
        self._pruner = pruner
        self._lake = lake
        self._publisher = publisher
        self._clock = clock

    async def plan(self, retention: Retention) -> PruneReport:
        """What a prune would do now; who reads a version is not looked at."""
        settled = await self._lake.settled()
        kept = await self._history.kept()
        chosen = select(kept, retention, self._clock.now())
        doomed = _numbers(chosen.doomed)
        folders = await self._unneeded(
            settled, [each for each in kept if each.version not in doomed]
        )
        return PruneReport(
            versions=doomed,
            held=(),
            young=_numbers(chosen.young),
            kept=len(kept) - len(doomed),
            folders=folders,
        )

    async def execute(self, retention: Retention) -> PruneReport:
        """Do it.

        Raises:
            StorageError: another prune is under way, a derived file cannot be made, or the disk
                fails; every version that is left is whole.
        """
        async with self._pruner.alone():
            await self._publisher.publish(await self._manifests.latest())
            chosen = select(await self._history.kept(), retention, self._clock.now())
            gone = await self._pruner.remove(chosen.doomed) if chosen.doomed else ()
            settled = await self._lake.settled()
            kept = await self._history.kept()
            folders = await self._unneeded(settled, kept)
            await self._lake.remove(folders)
        return PruneReport(
            versions=gone,
            held=[each for each in _numbers(chosen.doomed) if each not in gone],
            young=_numbers(chosen.young),
            kept=len(kept),
            folders=folders,
        )

    async def _unneeded(
        self, settled: Sequence[RunFolder], kept: Sequence[Snapshot]
    ) -> Sequence[RunFolder]:
        named = await self._named([each.version for each in kept])
        return [each for each in settled if each.path not in named]

    async def _named(self, versions: Sequence[int]) -> Collection[str]:
        """The folders of all files that versions name."""
        found: set[str] = set()
        for version in versions:
            for table in (await self._manifests.at(version)).tables.values():
                for dataset in table.datasets.values():
                    found.update(file.path.rpartition("/")[0] for file in dataset.files)
        return found


def _numbers(snapshots: Sequence[Snapshot]) -> Sequence[int]:
    return [each.version for each in snapshots]
