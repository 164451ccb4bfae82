"""Answers SQL about what is published."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from application.late_list import LateList
from application.ports.manifest_log import ManifestLog
from application.ports.query_engine import Query, QueryEngine
from application.ports.result_writer import Layout, ResultWriter, Written
from application.ports.run_log import RunLog
from application.ports.version_history import VersionHistory
from application.query_hints import with_hints
from application.resolve_version import ResolveVersion
from domain.errors import QueryError, StatementRefusedError
from domain.manifest import Manifest
from domain.runs import Run
from domain.snapshots import Snapshot, missing_version


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """One version and what is known with it: what a query sees, however long it takes.

    Attributes:
        runs: those that had begun when the version was committed, in today's state; all of them
            for the newest version.
        snapshots: all versions that are kept.
        is_past: not the newest version; it may be pruned when nobody reads it.
    """

    manifest: Manifest
    runs: Sequence[Run]
    snapshots: Sequence[Snapshot] = ()
    is_past: bool = False


class QueryCatalog:
    """Runs one reading statement and writes its result."""

    def __init__(
        self,
        *,
        engine: QueryEngine,
        writer: ResultWriter,
        manifests: ManifestLog,
        history: VersionHistory,
        resolve: ResolveVersion,
        runs: RunLog,
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._manifests = manifests
        self._history = history
        self._resolve = resolve
        self._runs = runs

    async def latest(self) -> CatalogVersion:
        """The newest version; StorageError or DataFolderError when it cannot be read."""
        self._engine.warm_up()
        manifest = await self._manifests.latest()
        return CatalogVersion(manifest, await self._runs.all(), self._snapshots())

    async def at(self, reference: str) -> CatalogVersion:
        """An older version, with what was known then.

        Raises:
            UsageError, NotFoundError: see `ResolveVersion`.
        """
        self._engine.warm_up()
        manifest = await self._resolve.execute(reference)
        newest = await self._manifests.latest()
        if manifest.version == newest.version:
            return await self.latest()
        runs = [run for run in await self._runs.all() if _had_begun(run, manifest)]
        return CatalogVersion(manifest, runs, self._snapshots(), is_past=True)

    def execute(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        """Run the query and stream its result; blocking, interrupted by Ctrl-C.

        Nobody can prune the version meanwhile.

        Raises:
            StatementRefusedError, QueryError, QueryTimeoutError: see the QueryEngine port.
            UsageError: unknown format.
            NotFoundError: the version was pruned just now.
        """
        with self._history.reading(version.manifest.version):
            check_is_there(version)
            return self._answered(version, query, layout, sink)

    def close(self) -> None:
        """Let go of what waits for a statement."""
        self._engine.close()

    def _snapshots(self) -> Sequence[Snapshot]:
        return LateList(lambda: asyncio.run(_awaited(self._history.kept())))

    def _answered(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        manifest, runs, snapshots = version.manifest, version.runs, version.snapshots
        try:
            with self._engine.run(query, manifest, runs, snapshots) as result:
                return self._writer.write(result, layout, sink)
        except StatementRefusedError:
            raise
        except QueryError as error:
            raise QueryError(with_hints(str(error), query, version.manifest)) from error


def _had_begun(run: Run, manifest: Manifest) -> bool:
    """Before the version was committed; what clocks say does not count for a run that made it."""
    at = manifest.committed_at
    made = 0 if run.unchanged else run.version or 0
    return 0 < made <= manifest.version or (at is not None and run.started_at <= at)


def check_is_there(version: CatalogVersion) -> None:
    """A version that is read cannot go any more; NotFoundError when it went just before."""
    number = version.manifest.version
    if version.is_past and all(each.version != number for each in version.snapshots):
        raise missing_version(number, [each.version for each in version.snapshots])


async def _awaited[T](work: Awaitable[T]) -> T:
    return await work
