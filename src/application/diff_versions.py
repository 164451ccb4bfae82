"""What changed in a target between two versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.manifest_log import ManifestLog
from application.ports.version_differ import TableDiff, VersionDiffer
from application.ports.version_history import VersionHistory
from application.resolve_version import ResolveVersion
from domain.errors import NotFoundError, UsageError
from domain.manifest import Manifest


@dataclass(frozen=True, slots=True)
class VersionsDiff:
    """Two versions, and how each table of the target differs."""

    before: int
    after: int
    tables: Sequence[TableDiff]


class DiffVersions:
    """Finds the versions and has their tables compared."""

    def __init__(
        self,
        *,
        manifests: ManifestLog,
        history: VersionHistory,
        resolve: ResolveVersion,
        differ: VersionDiffer,
    ) -> None:
        self._manifests = manifests
        self._history = history
        self._resolve = resolve
        self._differ = differ

    async def execute(
        self, domain: str, target: str, before: str | None, after: str | None, limit: int
    ) -> VersionsDiff:
        """The difference between two versions.

        Args:
            domain: the domain.
            target: as it is published.
            before: a version, run or time, as `ResolveVersion` takes them; None for the last
                version before `after` in which the target was another.
            after: likewise; None for the newest version.
            limit: most examples a table.

        Raises:
            NotFoundError: no such target, version or run, or the version was pruned.
            UsageError: `before` is not earlier than `after`, or names nothing.
        """
        later = await (self._resolve.execute(after) if after else self._manifests.latest())
        with self._history.reading(later.version):
            if not _runs_of(later, domain, target):
                raise await self._unknown(domain, target)
            earlier = await (
                self._resolve.execute(before) if before else self._previous(later, domain, target)
            )
            with self._history.reading(earlier.version):
                return await self._compared(domain, target, earlier, later, limit)

    async def _compared(
        self, domain: str, target: str, earlier: Manifest, later: Manifest, limit: int
    ) -> VersionsDiff:
        if earlier.version >= later.version:
            message = f"Version {earlier.version} is not earlier than version {later.version}."
            raise UsageError(message)
        for each in (earlier, later):
            await self._manifests.at(each.version)  # still there, and held from now on
        tables = sorted({*_runs_of(earlier, domain, target), *_runs_of(later, domain, target)})
        diffs = [await self._differ.diff(t, target, earlier, later, limit) for t in tables]
        return VersionsDiff(earlier.version, later.version, diffs)

    async def _previous(self, later: Manifest, domain: str, target: str) -> Manifest:
        """The last version before in which the target's rows are of another run."""
        own = _runs_of(later, domain, target)
        kept = [each.version for each in await self._history.kept()]
        for version in reversed([each for each in kept if each < later.version]):
            manifest = await self._manifests.at(version)
            found = _runs_of(manifest, domain, target)
            if found and found != own:
                return manifest
        hint = f"Version {later.version} is the first that has {domain} {target}"
        hint += "." if kept and kept[0] == 1 else " among those that are kept."
        raise NotFoundError(what="earlier version of", name=f"{domain} {target}", hint=hint)

    async def _unknown(self, domain: str, target: str) -> NotFoundError:
        known = {
            f"{table.partition('.')[0]} {each}"
            for table, version in (await self._manifests.latest()).tables.items()
            for each in version.datasets
        }
        hint = "`app datasets` lists what is published."
        return NotFoundError(
            what="published target", name=f"{domain} {target}", known=known, hint=hint
        )


def _runs_of(manifest: Manifest, domain: str, target: str) -> dict[str, str]:
    """The run behind each of the domain's tables that has the target."""
    return {
        name: table.datasets[target].run_id
        for name, table in manifest.tables.items()
        if name.partition(".")[0] == domain and target in table.datasets
    }
