"""A data folder with a history, made by the real storage on a clock that a test owns."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.catalog.catalog_file import CatalogFile
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_catalog_caches import FileCatalogCaches
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import CatalogBuilder, FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.file_version_history import FileVersionHistory
from adapters.storage.file_version_pruner import FileVersionPruner
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from adapters.storage.parquet_lake_maintenance import ParquetLakeMaintenance
from adapters.storage.version_index import VersionIndex
from application.prune_catalog import PruneCatalog
from application.rebuild_catalog import RebuildCatalog
from application.resolve_version import ResolveVersion
from application.verify_catalog import VerifyCatalog, VerifyReport
from domain.manifest import Manifest
from domain.runs import RunState, finished
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import SAMPLE
from tests.support.sample_runs import detail_rows, item_rows, sample_run


class CatalogHistory:
    """Versions of the sample source in `root`, a day apart unless told otherwise.

    Args:
        root: the folder.
        clock: the time.
        build: makes `catalog.duckdb`; the real thing if not said.
    """

    def __init__(
        self, root: Path, clock: FakeClock | None = None, build: CatalogBuilder | None = None
    ) -> None:
        self.root = root
        self.clock = clock or FakeClock()
        self.folder = DataFolder(root)
        self.manifests = FileManifestLog(self.folder)
        self.runs = FileRunLog(self.folder)
        self.history = FileVersionHistory(self.folder)
        self.lake = ParquetLakeMaintenance(self.folder)
        build = build or CatalogFile(root, VersionIndex(self.folder).kept).build
        self.publisher = FilePublisher(self.folder, self.runs, build)
        self.writer = ParquetDatasetWriter(self.folder, self.manifests, self.clock)
        self.prune = PruneCatalog(
            manifests=self.manifests,
            history=self.history,
            pruner=FileVersionPruner(self.folder),
            lake=self.lake,
            publisher=self.publisher,
            clock=self.clock,
        )
        self.verify = VerifyCatalog(manifests=self.manifests, history=self.history, lake=self.lake)
        self.resolve = ResolveVersion(
            manifests=self.manifests, history=self.history, runs=self.runs, clock=self.clock
        )
        self.rebuild = RebuildCatalog(
            manifests=self.manifests,
            history=self.history,
            runs=self.runs,
            caches=FileCatalogCaches(self.folder),
            publisher=self.publisher,
        )

    def add(self, run_id: str, target: str = "things", items: int = 3) -> Manifest:
        """One more version, published."""
        return asyncio.run(self.added(run_id, target, items))

    async def added(self, run_id: str, target: str = "things", items: int = 3) -> Manifest:
        """The same, as a coroutine."""
        run = replace(sample_run(run_id, target), started_at=self.clock.now())
        await self.runs.save(run)
        async with self.writer.open(run, SAMPLE) as staging:
            staging.append("items", item_rows(items), self.clock.now())
            staging.append("details", detail_rows(items), self.clock.now())
            sealed = await staging.seal()
            manifest = await self.manifests.commit(sealed.publication, self.clock.now())
        done = replace(run, version=manifest.version, tables=dict(sealed.tables))
        await self.runs.save(finished(done, RunState.SUCCEEDED, self.clock.now()))
        await self.publisher.publish(manifest, target)
        return manifest

    def grow(self, versions: int, apart: timedelta = timedelta(days=1)) -> None:
        """So many versions more, each with one more item than the one before."""
        for _ in range(versions):
            number = asyncio.run(self.manifests.latest()).version + 1
            self.add(f"01RUN{number:05}", items=number)
            self.clock.advance(apart.total_seconds())

    def kept(self) -> list[int]:
        """The numbers of the versions that are there."""
        return [each.version for each in asyncio.run(self.history.kept())]

    def verified(self, *, every_version: bool = True) -> VerifyReport:
        """The report of a verification."""

        async def last() -> VerifyReport:
            found = [step async for step in self.verify.execute(every_version=every_version)]
            report = found[-1]
            assert isinstance(report, VerifyReport)
            return report

        return asyncio.run(last())
