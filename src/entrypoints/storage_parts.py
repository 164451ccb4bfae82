"""The container's part that builds storage: the adapters of the data folder know one another."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from domain.bucket_address import BucketAddress
from domain.errors import ConfigurationError
from domain.manifest import Manifest
from domain.runs import Run
from entrypoints.settings import Settings


class LocalStorage:
    """The data folder and its adapters, which know one another.

    Ports that no ingest uses are not named, for to load them all takes 10 ms; each adapter inherits
    its own.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        from adapters.storage.data_folder import DataFolder
        from adapters.storage.file_manifest_log import FileManifestLog
        from adapters.storage.file_run_log import FileRunLog

        self.clock = clock
        self.redis_url = settings.redis_url
        self.folder = DataFolder(settings.working_dir)
        self.manifests: ManifestLog = FileManifestLog(self.folder)
        self.runs: RunLog = FileRunLog(self.folder)

    def writer(self) -> DatasetWriter:
        from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter

        return ParquetDatasetWriter(self.folder, self.manifests, self.clock)

    def checkpoints(self) -> Checkpoints:
        from adapters.storage.file_checkpoints import FileCheckpoints

        return FileCheckpoints(self.folder)

    def publisher(self) -> Publisher:
        from adapters.storage.file_publisher import FilePublisher
        from adapters.storage.version_index import VersionIndex

        versions = VersionIndex(self.folder)

        def build(manifest: Manifest, runs: Sequence[Run], path: Path) -> None:
            # DuckDB is loaded when there is something to build.
            from adapters.catalog.catalog_file import CatalogFile

            CatalogFile(self.folder.root, versions.kept).build(manifest, runs, path)

        return FilePublisher(self.folder, self.runs, build)

    def lock(self) -> RunLock:
        from adapters.storage.flock_run_lock import FlockRunLock

        local = FlockRunLock(self.folder, self.clock)
        if self.redis_url is None:
            return local
        from adapters.locking.redis_run_lock import RedisRunLock
        from adapters.storage.folder_identity import FolderIdentity

        scope = FolderIdentity(self.folder).read
        return RedisRunLock.at(self.redis_url.get_secret_value(), local, scope, self.clock)

    def engine(self, lake: Any = None) -> Any:
        from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine

        return SandboxedQueryEngine(self.folder.root, lake)

    def differ(self) -> Any:
        from adapters.catalog.duckdb_version_differ import DuckDbVersionDiffer

        return DuckDbVersionDiffer(self.folder.root)

    def history(self) -> Any:
        from adapters.storage.file_version_history import FileVersionHistory

        return FileVersionHistory(self.folder)

    def pruner(self) -> Any:
        from adapters.storage.file_version_pruner import FileVersionPruner

        return FileVersionPruner(self.folder)

    def lake_maintenance(self) -> Any:
        from adapters.storage.parquet_lake_maintenance import ParquetLakeMaintenance

        return ParquetLakeMaintenance(self.folder)

    def profiles(self) -> Any:
        from adapters.storage.parquet_profiles import ParquetProfiles

        return ParquetProfiles(self.folder)

    def caches(self) -> Any:
        from adapters.storage.file_catalog_caches import FileCatalogCaches

        return FileCatalogCaches(self.folder)

    def probe(self) -> Any:
        from adapters.storage.folder_probe import FolderProbe

        return FolderProbe(self.folder)


def storage_of(settings: Settings, clock: Clock) -> Any:
    """What has an adapter for each port of storage."""
    local = LocalStorage(settings, clock)
    if not isinstance(settings.data_dir, BucketAddress):
        return local
    if find_spec("obstore") is None:
        message = (
            f"{settings.data_dir} needs a client for object storage: "
            "pip install 'automated-data-pipeline[s3]'"
        )
        raise ConfigurationError(message)
    from adapters.storage.s3.s3_folder import S3Folder

    return S3Folder(
        address=settings.data_dir,
        mirror=local.folder,
        clock=clock,
        max_bytes=int(settings.s3.max_bytes),
        environ=os.environ,
        home=Path.home(),
        engine=local.engine,
        differ=local.differ,
    )
