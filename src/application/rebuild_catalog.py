"""Makes all that is derived from the manifests anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.catalog_caches import CatalogCaches
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from application.ports.version_history import VersionHistory
from domain.identifiers import ulid_time
from domain.manifest import Manifest
from domain.runs import RowCounts, Run, RunState
from domain.snapshots import Snapshot

_NOTE = "this record was lost and made again from the manifest: it knows the version and its rows"


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What was made.

    Attributes:
        version: the newest one, whose derived files were made.
        dropped: indexes and notes that were dropped, to be made again when they are wanted.
        published: derived files, relative to the data folder.
        runs: runs whose records were missing or unreadable.
        pruned: versions that were pruned, and of which nothing but their runs told.
    """

    version: int
    dropped: Sequence[str]
    published: Sequence[str]
    runs: Sequence[str]
    pruned: Sequence[int]


class RebuildCatalog:
    """Needs the manifests and the lake, nothing else; may run at any time and be killed."""

    def __init__(
        self,
        *,
        manifests: ManifestLog,
        history: VersionHistory,
        runs: RunLog,
        caches: CatalogCaches,
        publisher: Publisher,
    ) -> None:
        self._manifests = manifests
        self._history = history
        self._runs = runs
        self._caches = caches
        self._publisher = publisher

    async def execute(self) -> RebuildReport:
        """Rebuild.

        Raises:
            StorageError: a manifest or a file of the newest version cannot be read.
        """
        dropped = await self._caches.drop()
        kept = await self._history.kept()
        lost = await self._lost_runs(kept)
        for run_id, snapshot in lost.items():
            manifest = await self._manifests.at(snapshot.version)
            await self._runs.save(_run_of(run_id, snapshot, manifest))
        pruned = await self._lost_versions(kept)
        if pruned:
            await self._caches.note_pruned(pruned)
        newest = await self._manifests.latest()
        published = await self._publisher.publish(newest)
        return RebuildReport(
            version=newest.version,
            dropped=dropped,
            published=published,
            runs=list(lost),
            pruned=[each.version for each in pruned],
        )

    async def _lost_runs(self, kept: Sequence[Snapshot]) -> dict[str, Snapshot]:
        """Runs that the log does not know, or cannot read, and the versions that they made."""
        known = {run.run_id for run in await self._runs.all()}
        return {each: snapshot for snapshot in kept for each in snapshot.runs if each not in known}

    async def _lost_versions(self, kept: Sequence[Snapshot]) -> list[Snapshot]:
        """Versions that are neither there nor written down as pruned, as their runs have them."""
        newest = kept[-1].version if kept else 0
        known = {each.version for each in (*kept, *await self._history.pruned())}
        missing = set(range(1, newest)) - known
        if not missing:
            return []
        found: dict[int, list[Run]] = {}
        for run in await self._runs.all():
            if run.version in missing and not run.unchanged:
                found.setdefault(run.version, []).append(run)
        return [_snapshot_of(found[version], version) for version in sorted(found)]


def _run_of(run_id: str, snapshot: Snapshot, manifest: Manifest) -> Run:
    """What can still be said of a run."""
    counts: dict[str, RowCounts] = {}
    domain, target, source = snapshot.domain, snapshot.target, ""
    for table in snapshot.tables:
        for name, dataset in manifest.tables[table].datasets.items():
            if dataset.run_id == run_id:
                counts[table] = RowCounts(dataset.rows, dataset.rows)
                domain, target, source = table.partition(".")[0], name, dataset.source
    return Run(
        run_id=run_id,
        domain=domain,
        target=target,
        source=source,
        state=RunState.SUCCEEDED,
        started_at=ulid_time(run_id) or snapshot.committed_at,
        finished_at=snapshot.committed_at,
        version=snapshot.version,
        tables=counts,
        notes=(_NOTE,),
    )


def _snapshot_of(runs: Sequence[Run], version: int) -> Snapshot:
    first, *further = runs
    is_one = all(run.target == first.target for run in further)
    return Snapshot(
        version=version,
        committed_at=first.finished_at or first.started_at,
        run_id=first.run_id,
        domain=first.domain,
        target=first.target if is_one else "",
        tables=tuple(sorted({table for run in runs for table in run.tables})),
        rows=sum(run.total("published") for run in runs),
        bytes=0,
        further_runs=tuple(run.run_id for run in further),
    )
