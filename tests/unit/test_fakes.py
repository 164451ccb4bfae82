"""The fakes keep to the contracts of their ports, so that use-case tests can trust them."""

from datetime import UTC, datetime

import pytest

from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.fetcher import BatchFetcher
from application.ports.lake_maintenance import LakeMaintenance
from application.ports.manifest_log import ManifestLog
from application.ports.page_results import PageResults
from application.ports.progress import ProgressListener
from application.ports.publisher import Publisher
from application.ports.run_ids import RunIds
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from application.ports.version_history import VersionHistory
from application.ports.version_pruner import VersionPruner
from domain.errors import FetchError, PermanentError, RefusedError
from domain.headers import Headers
from domain.manifest import DataFile, Manifest
from domain.requests import Request, Response
from tests.contracts.checkpoints_contract import CheckpointsContract
from tests.contracts.clock_contract import ClockContract
from tests.contracts.dataset_writer_contract import DatasetWriterContract
from tests.contracts.fetcher_contract import GOOD, REFUSED, FetcherContract
from tests.contracts.lake_maintenance_contract import LakeMaintenanceContract
from tests.contracts.manifest_log_contract import ManifestLogContract, publication
from tests.contracts.page_results_contract import PageResultsContract
from tests.contracts.progress_contract import ProgressContract
from tests.contracts.publisher_contract import PublisherContract
from tests.contracts.run_ids_contract import RunIdsContract
from tests.contracts.run_lock_contract import RunLockContract
from tests.contracts.run_log_contract import RunLogContract
from tests.contracts.version_history_contract import VersionHistoryContract
from tests.contracts.version_pruner_contract import VersionPrunerContract
from tests.fakes.fake_checkpoints import FakeCheckpoints
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_dataset_writer import FakeDatasetWriter
from tests.fakes.fake_fetchers import FakeFetcher
from tests.fakes.fake_lake_maintenance import FakeLakeMaintenance
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_page_results import FakePageResults
from tests.fakes.fake_progress import FakeProgress
from tests.fakes.fake_publisher import FakePublisher
from tests.fakes.fake_run_ids import FakeRunIds
from tests.fakes.fake_run_lock import FakeRunLock
from tests.fakes.fake_run_log import FakeRunLog
from tests.fakes.fake_version_history import FakeVersionHistory
from tests.fakes.fake_version_pruner import FakeVersionPruner

AT = datetime(2026, 1, 2, tzinfo=UTC)


class TestFakeClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return FakeClock()


class TestFakeRunIds(RunIdsContract):
    @pytest.fixture
    def run_ids(self) -> RunIds:
        return FakeRunIds()


class TestFakeFetcher(FetcherContract):
    def fetcher(self) -> BatchFetcher:
        return FakeFetcher(_answer)


class TestFakePageResults(PageResultsContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def results(self, clock: FakeClock) -> PageResults:
        return FakePageResults(clock)


class TestFakeDatasetWriter(DatasetWriterContract):
    @pytest.fixture
    def writer(self) -> DatasetWriter:
        return FakeDatasetWriter()


class TestFakeCheckpoints(CheckpointsContract):
    @pytest.fixture
    def checkpoints(self) -> Checkpoints:
        return FakeCheckpoints()


class TestFakeManifestLog(ManifestLogContract):
    @pytest.fixture
    def log(self) -> ManifestLog:
        return FakeManifestLog()


class TestFakeVersionHistory(VersionHistoryContract):
    @pytest.fixture
    def log(self) -> FakeManifestLog:
        return FakeManifestLog()

    @pytest.fixture
    def history(self, log: ManifestLog) -> VersionHistory:
        assert isinstance(log, FakeManifestLog)
        return FakeVersionHistory(log)


class TestFakeVersionPruner(VersionPrunerContract):
    @pytest.fixture
    def log(self) -> FakeManifestLog:
        return FakeManifestLog()

    @pytest.fixture
    def history(self, log: ManifestLog) -> FakeVersionHistory:
        assert isinstance(log, FakeManifestLog)
        return FakeVersionHistory(log)

    @pytest.fixture
    def pruner(self, history: VersionHistory) -> VersionPruner:
        assert isinstance(history, FakeVersionHistory)
        return FakeVersionPruner(history)


class TestFakeLakeMaintenance(LakeMaintenanceContract):
    @pytest.fixture
    def file(self) -> DataFile:
        return DataFile("lake/test/items/target=x/run=A/part.parquet", 3, 10, "ab")

    @pytest.fixture
    def lake(self, file: DataFile) -> LakeMaintenance:
        lake = FakeLakeMaintenance()
        lake.put(file)
        return lake


class TestFakeRunLog(RunLogContract):
    @pytest.fixture
    def log(self) -> RunLog:
        return FakeRunLog()


class TestFakeRunLock(RunLockContract):
    @pytest.fixture
    def lock(self) -> RunLock:
        return FakeRunLock()


class TestFakePublisher(PublisherContract):
    @pytest.fixture
    def publisher(self) -> Publisher:
        return FakePublisher()

    @pytest.fixture
    def manifest(self) -> Manifest:
        items = publication("A").tables["test.items"]
        return Manifest(1, AT, "A", {"test.items": items, "test.details": items})


class TestFakeProgress(ProgressContract):
    @pytest.fixture
    def listener(self) -> ProgressListener:
        return FakeProgress()


def _answer(request: Request) -> Response | FetchError:
    if request.url.startswith(GOOD):
        return Response(200, Headers(), b'{"a": 1}', AT)
    if request.url == REFUSED:
        return RefusedError("no", status=401)
    return PermanentError("gone", status=404)
