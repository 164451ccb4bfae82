"""The fakes keep to the contracts of their ports, so that use-case tests can trust them."""

import pytest

from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from tests.contracts.dataset_writer_contract import DatasetWriterContract
from tests.contracts.manifest_log_contract import ManifestLogContract
from tests.contracts.run_lock_contract import RunLockContract
from tests.contracts.run_log_contract import RunLogContract
from tests.fakes.fake_dataset_writer import FakeDatasetWriter
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_run_lock import FakeRunLock
from tests.fakes.fake_run_log import FakeRunLog


class TestFakeDatasetWriter(DatasetWriterContract):
    @pytest.fixture
    def writer(self) -> DatasetWriter:
        return FakeDatasetWriter()


class TestFakeManifestLog(ManifestLogContract):
    @pytest.fixture
    def log(self) -> ManifestLog:
        return FakeManifestLog()


class TestFakeRunLog(RunLogContract):
    @pytest.fixture
    def log(self) -> RunLog:
        return FakeRunLog()


class TestFakeRunLock(RunLockContract):
    @pytest.fixture
    def lock(self) -> RunLock:
        return FakeRunLock()
