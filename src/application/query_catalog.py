"""Answers SQL about what is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from application.ports.manifest_log import ManifestLog
from application.ports.query_engine import Query, QueryEngine
from application.ports.result_writer import Layout, ResultWriter, Written
from application.ports.run_log import RunLog
from domain.manifest import Manifest
from domain.runs import Run


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """One version and the runs known with it: what a query sees, however long it takes."""

    manifest: Manifest
    runs: Sequence[Run]


class QueryCatalog:
    """Runs one reading statement and writes its result."""

    def __init__(
        self, *, engine: QueryEngine, writer: ResultWriter, manifests: ManifestLog, runs: RunLog
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._manifests = manifests
        self._runs = runs

    async def latest(self) -> CatalogVersion:
        """The newest version; StorageError or DataFolderError when it cannot be read."""
        return CatalogVersion(await self._manifests.latest(), await self._runs.all())

    def execute(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        """Run the query and stream its result; blocking, interrupted by Ctrl-C.

        Raises:
            StatementRefusedError, QueryError, QueryTimeoutError: see the QueryEngine port.
            UsageError: unknown format.
        """
        with self._engine.run(query, version.manifest, version.runs) as result:
            return self._writer.write(result, layout, sink)
