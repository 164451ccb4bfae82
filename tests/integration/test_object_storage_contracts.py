"""The ports' contracts, on a real S3 emulator."""

import asyncio
from pathlib import Path

import pytest

from application.ports.dataset_writer import DatasetWriter
from application.ports.lake_files import LakeFiles
from application.ports.lake_maintenance import LakeMaintenance
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from application.ports.version_history import VersionHistory
from domain.manifest import DataFile, Manifest
from tests.contracts.dataset_writer_contract import DatasetWriterContract
from tests.contracts.lake_files_contract import LakeFilesContract
from tests.contracts.lake_maintenance_contract import LakeMaintenanceContract
from tests.contracts.manifest_log_contract import ManifestLogContract
from tests.contracts.publisher_contract import PublisherContract
from tests.contracts.run_lock_contract import RunLockContract
from tests.contracts.run_log_contract import RunLogContract
from tests.contracts.version_history_contract import VersionHistoryContract
from tests.support.s3_server import Bucket, Machine, bucket, machine, s3_endpoint
from tests.support.sample_runs import item_rows, sample_run, seal_items

__all__ = ["bucket", "machine", "s3_endpoint"]

pytestmark = pytest.mark.external_service


class TestS3ManifestLog(ManifestLogContract):
    """The contract; the files that its publications name are taken as uploaded."""

    @pytest.fixture
    def log(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> ManifestLog:
        monkeypatch.setattr(machine.objects, "upload", lambda path, key: None)
        return machine.remote.manifests


class TestS3RunLog(RunLogContract):
    """The contract."""

    @pytest.fixture
    def log(self, machine: Machine) -> RunLog:
        return machine.remote.runs


class TestS3RunLock(RunLockContract):
    """The contract."""

    @pytest.fixture
    def lock(self, machine: Machine) -> RunLock:
        return machine.remote.lock()


class TestS3DatasetWriter(DatasetWriterContract):
    """The contract."""

    @pytest.fixture
    def writer(self, machine: Machine) -> DatasetWriter:
        return machine.remote.writer()


class TestS3LakeFiles(LakeFilesContract):
    """The contract, on a machine that has nothing yet."""

    @pytest.fixture
    def lake(self, bucket: Bucket, tmp_path: Path) -> LakeFiles:
        return bucket.machine(tmp_path / "two").remote.lake

    @pytest.fixture
    def manifest(self, machine: Machine) -> Manifest:
        log, writer = machine.remote.manifests, machine.remote.writer()
        asyncio.run(seal_items(writer, sample_run(), item_rows(3), details=3, commit_to=log))
        return asyncio.run(log.latest())


class TestS3LakeMaintenance(LakeMaintenanceContract):
    """The contract."""

    @pytest.fixture
    def lake(self, machine: Machine) -> LakeMaintenance:
        return machine.remote.lake_maintenance()

    @pytest.fixture
    def file(self, machine: Machine) -> DataFile:
        log, writer = machine.remote.manifests, machine.remote.writer()
        sealed = asyncio.run(seal_items(writer, sample_run(), item_rows(3), commit_to=log))
        (found,) = sealed.publication.tables["test.items"].datasets["things"].files
        return found


class TestS3VersionHistory(VersionHistoryContract):
    """The contract, on a machine that is not the one that commits."""

    @pytest.fixture
    def log(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> ManifestLog:
        monkeypatch.setattr(machine.objects, "upload", lambda path, key: None)
        return machine.remote.manifests

    @pytest.fixture
    def history(self, bucket: Bucket, tmp_path: Path) -> VersionHistory:
        return bucket.machine(tmp_path / "two").remote.history()


class TestS3Publisher(PublisherContract):
    """The contract, without a catalog file."""

    catalog = ()

    @pytest.fixture
    def publisher(self, machine: Machine) -> Publisher:
        return machine.remote.publisher()

    @pytest.fixture
    def manifest(self, machine: Machine) -> Manifest:
        log = machine.remote.manifests
        asyncio.run(seal_items(machine.remote.writer(), sample_run(), item_rows(3), commit_to=log))
        return asyncio.run(log.latest())
