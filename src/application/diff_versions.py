"""What changed in a target between two versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from application.ports.version_differ import TableDiff, VersionDiffer
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

    def __init__(self, *, manifests: ManifestLog, runs: RunLog, differ: VersionDiffer) -> None:
        self._manifests = manifests
        self._runs = runs
        self._differ = differ

    async def execute(
        self, domain: str, target: str, before: str | None, after: str | None, limit: int
    ) -> VersionsDiff:
        """The difference between two versions.

        Args:
            domain: the domain.
            target: as it is published.
            before: a version, or the beginning of a run's id; None for the last version before
                `after` in which the target was another.
            after: likewise; None for the newest version.
            limit: most examples a table.

        Raises:
            NotFoundError: no such target, version or run.
            UsageError: `before` is not earlier than `after`.
        """
        later = await (self._named(after) if after else self._manifests.latest())
        if not _runs_of(later, domain, target):
            raise await self._unknown(domain, target)
        earlier = await (self._named(before) if before else self._previous(later, domain, target))
        if earlier.version >= later.version:
            message = f"Version {earlier.version} is not earlier than version {later.version}."
            raise UsageError(message)
        tables = sorted({*_runs_of(earlier, domain, target), *_runs_of(later, domain, target)})
        diffs = [await self._differ.diff(t, target, earlier, later, limit) for t in tables]
        return VersionsDiff(earlier.version, later.version, diffs)

    async def _named(self, name: str) -> Manifest:
        if name.isascii() and name.isdecimal():
            return await self._manifests.at(int(name))
        run = await self._runs.get(name)
        version = await self._manifests.version_of(run.run_id)
        if version is None:
            hint = f"It is {run.state.value} and made no version of its own; see `app runs`."
            raise NotFoundError(what="version of the run", name=run.run_id, hint=hint)
        return await self._manifests.at(version)

    async def _previous(self, later: Manifest, domain: str, target: str) -> Manifest:
        """The last version before in which the target's rows are of another run."""
        own = _runs_of(later, domain, target)
        for version in range(later.version - 1, 0, -1):
            manifest = await self._manifests.at(version)
            found = _runs_of(manifest, domain, target)
            if found and found != own:
                return manifest
        hint = f"Version {later.version} is the first that has {domain} {target}."
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
