"""A data folder in an object store: its adapters, which know one another."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Never

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_catalog_caches import FileCatalogCaches
from adapters.storage.file_checkpoints import FileCheckpoints
from adapters.storage.file_version_history import FileVersionHistory
from adapters.storage.flock_run_lock import FlockRunLock
from adapters.storage.folder_identity import FolderIdentity
from adapters.storage.folder_probe import FolderProbe
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from adapters.storage.parquet_profiles import ParquetProfiles
from adapters.storage.s3.lake_version_differ import LakeVersionDiffer
from adapters.storage.s3.run_uploads import RunUploads
from adapters.storage.s3.s3_catalog_caches import S3CatalogCaches
from adapters.storage.s3.s3_dataset_writer import S3DatasetWriter
from adapters.storage.s3.s3_lake_files import S3LakeFiles
from adapters.storage.s3.s3_lake_maintenance import S3LakeMaintenance
from adapters.storage.s3.s3_manifest_log import S3ManifestLog
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_probe import S3Probe
from adapters.storage.s3.s3_profiles import S3Profiles
from adapters.storage.s3.s3_publisher import S3Publisher
from adapters.storage.s3.s3_run_lock import S3RunLock
from adapters.storage.s3.s3_run_log import S3RunLog
from adapters.storage.s3.s3_store import s3_store
from adapters.storage.s3.s3_version_history import S3VersionHistory
from adapters.storage.s3.s3_versions import S3Versions
from application.ports.catalog_caches import CatalogCaches
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.health_probe import HealthProbe
from application.ports.lake_files import LakeFiles
from application.ports.lake_maintenance import LakeMaintenance
from application.ports.profiles import Profiles
from application.ports.publisher import Publisher
from application.ports.query_engine import QueryEngine
from application.ports.run_lock import RunLock
from application.ports.version_differ import VersionDiffer
from application.ports.version_history import VersionHistory
from domain.bucket_address import BucketAddress
from domain.errors import ConfigurationError


class S3Folder:
    """An adapter a port, under the names that the container knows.

    Args:
        address: of the folder.
        mirror: stands in for it on this machine: staged rows, checkpoints, files to be read.
        clock: of the machine.
        max_bytes: of lake files that the mirror keeps.
        environ, home: where the settings and keys of AWS are.
        engine, differ: made when they are wanted; they read the mirror.

    Attributes:
        manifests, runs, lake: ports.

    Raises:
        ConfigurationError: the settings of AWS cannot be used.
    """

    def __init__(
        self,
        *,
        address: BucketAddress,
        mirror: DataFolder,
        clock: Clock,
        max_bytes: int,
        environ: Mapping[str, str],
        home: Path,
        engine: Callable[[LakeFiles], QueryEngine],
        differ: Callable[[], VersionDiffer],
    ) -> None:
        self._mirror = mirror
        self._clock = clock
        self._engine = engine
        self._differ = differ
        self._objects = S3Objects(s3_store(address, environ, home), address)
        self._versions = S3Versions(self._objects, mirror)
        self._machine = FolderIdentity(mirror).look_up
        self._uploads = RunUploads(self._objects, mirror, self._versions, self._machine)
        self.manifests = S3ManifestLog(self._objects, self._versions, self._uploads)
        self.runs = S3RunLog(self._objects, mirror)
        self.lake = S3LakeFiles(self._objects, mirror, max_bytes)

    def writer(self) -> DatasetWriter:
        """Stages in the mirror."""
        local = ParquetDatasetWriter(self._mirror, self.manifests, self._clock)
        return S3DatasetWriter(local, self._mirror, self.lake, self.manifests, self._uploads)

    def checkpoints(self) -> Checkpoints:
        """In the mirror: a run goes on where it was stopped."""
        return FileCheckpoints(self._mirror)

    def publisher(self) -> Publisher:
        """Copies within the store."""
        return S3Publisher(self._objects, self._versions, self._mirror, self.lake)

    def lock(self) -> RunLock:
        """Excludes other machines, and by the mirror's lock the processes of this one."""
        local = FlockRunLock(self._mirror, self._clock)
        return S3RunLock(self._objects, local, self._machine, self._clock)

    def engine(self) -> QueryEngine:
        """Asks files of the mirror."""
        return self._engine(self.lake)

    def differ(self) -> VersionDiffer:
        """Compares files of the mirror."""
        return LakeVersionDiffer(self._differ(), self.lake)

    def history(self) -> VersionHistory:
        """Of manifests in the mirror."""
        return S3VersionHistory(self._versions, FileVersionHistory(self._mirror))

    def profiles(self) -> Profiles:
        """Fetched, or made in the mirror."""
        local = ParquetProfiles(self._mirror)
        return S3Profiles(self._objects, self._mirror, self.lake, local)

    def probe(self) -> HealthProbe:
        """Looks at the store and at the mirror."""
        return S3Probe(self._objects, FolderProbe(self._mirror))

    def lake_maintenance(self) -> LakeMaintenance:
        """Fetches what it checks."""
        return S3LakeMaintenance(self._objects, self._mirror)

    def caches(self) -> CatalogCaches:
        """Of the store and of the mirror."""
        return S3CatalogCaches(self._objects, self._mirror, FileCatalogCaches(self._mirror))

    def pruner(self) -> Never:
        """ConfigurationError: readers on other machines cannot say which versions they hold."""
        message = (
            f"`app catalog prune` works on a data folder on a disk, not on {self._objects.address}."
        )
        raise ConfigurationError(message)
