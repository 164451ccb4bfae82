"""Compares what is on the disk with what the versions say."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from application.ports.lake_maintenance import FileFinding, LakeMaintenance, RunFolder
from application.ports.manifest_log import ManifestLog
from application.ports.version_history import VersionHistory
from domain.errors import NotFoundError
from domain.manifest import DataFile, Manifest


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what its versions say.

    Attributes:
        table: qualified; source: of the data set.
        versions: those that name the file, oldest first.
        is_current: whether the newest version is among them.
    """

    table: str
    target: str
    source: str
    versions: tuple[int, ...]
    is_current: bool
    finding: FileFinding


@dataclass(frozen=True, slots=True)
class VerifyProgress:
    """How far it has come, in files and bytes."""

    files: int
    total_files: int
    bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at, and what is wrong.

    Attributes:
        strays: folders that no version names; harmless, `app catalog prune` removes them.
    """

    versions: int
    files: int
    bytes: int
    damages: Sequence[Damage]
    strays: Sequence[RunFolder]


@dataclass(slots=True)
class _Named:
    """One file, and who names it."""

    file: DataFile
    table: str
    target: str
    source: str
    versions: list[int]


class VerifyCatalog:
    """Reads every file that the newest version names, or that any version does."""

    def __init__(
        self, *, manifests: ManifestLog, history: VersionHistory, lake: LakeMaintenance
    ) -> None:
        self._manifests = manifests
        self._history = history
        self._lake = lake

    async def execute(
        self, *, every_version: bool = False, tables: Sequence[str] = ()
    ) -> AsyncGenerator[VerifyProgress | VerifyReport]:
        """Progress after each file, and the report at last.

        Args:
            every_version: all versions that are kept, not the newest one alone.
            tables: only these tables (qualified); all when empty.

        Raises:
            StorageError: a manifest cannot be read, or the disk fails.
        """
        settled = await self._lake.settled()
        kept = [each.version for each in await self._history.kept()]
        newest = kept[-1] if kept else 0
        named: dict[DataFile, _Named] = {}
        folders: set[str] = set()
        for version in kept:
            for each in _files(await self._manifests.at(version)):
                folders.add(each.file.path.rpartition("/")[0])
                if (every_version or version == newest) and (not tables or each.table in tables):
                    named.setdefault(each.file, each).versions.append(version)
        versions = len(kept) if every_version else len(kept[-1:])
        total = sum(file.bytes for file in named)
        damages: list[Damage] = []
        done = 0
        for number, each in enumerate(named.values(), start=1):
            finding = await self._lake.check(each.file)
            if finding is not None and await self._is_kept(each.versions):
                named_by, is_current = tuple(each.versions), newest in each.versions
                damages.append(
                    Damage(each.table, each.target, each.source, named_by, is_current, finding)
                )
            done += each.file.bytes
            yield VerifyProgress(number, len(named), done, total)
        strays = [each for each in settled if each.path not in folders]
        yield VerifyReport(versions, len(named), total, damages, strays)

    async def _is_kept(self, versions: Sequence[int]) -> bool:
        """A file may go together with its versions while all others are being read."""
        for version in versions:
            try:
                await self._manifests.at(version)
            except NotFoundError:
                continue
            return True
        return False


def _files(manifest: Manifest) -> Iterator[_Named]:
    for table, held in manifest.tables.items():
        for target, dataset in held.datasets.items():
            for file in dataset.files:
                yield _Named(file, table, target, dataset.source, [])
