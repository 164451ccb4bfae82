"""An ingest over fakes."""

from dataclasses import dataclass, field

import pytest

from application.ingest_request import IngestRequest
from application.ingest_target import IngestTarget
from domain.runs import Run
from domain.sources import Source
from tests.fakes.fake_checkpoints import FakeCheckpoints
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_dataset_writer import FakeDatasetWriter
from tests.fakes.fake_fetchers import Answers, FakeFetcher, FakeFetchers
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_progress import FakeProgress
from tests.fakes.fake_publisher import FakePublisher
from tests.fakes.fake_run_ids import FakeRunIds
from tests.fakes.fake_run_lock import FakeRunLock
from tests.fakes.fake_run_log import FakeRunLog
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE, sample_answers
from tests.support.engine import Engine


@dataclass
class Workshop:
    """Every port as a fake, and the use case over them."""

    answers: Answers = field(default_factory=lambda: sample_answers(10))
    source: Source = SAMPLE
    clock: FakeClock = field(default_factory=FakeClock)
    checkpoints: FakeCheckpoints = field(default_factory=FakeCheckpoints)
    manifests: FakeManifestLog = field(default_factory=FakeManifestLog)
    publisher: FakePublisher = field(default_factory=FakePublisher)
    runs: FakeRunLog = field(default_factory=FakeRunLog)
    lock: FakeRunLock = field(default_factory=FakeRunLock)
    progress: FakeProgress = field(default_factory=FakeProgress)
    run_ids: FakeRunIds = field(default_factory=FakeRunIds)
    program: str = "1.0"

    def __post_init__(self) -> None:
        self.writer = FakeDatasetWriter(self.checkpoints)
        self.fetcher = FakeFetcher(self.answers)
        self.fetchers = FakeFetchers(self.fetcher)

    @property
    def engine(self) -> Engine:
        return Engine(
            registry=FakeSourceRegistry(self.source),
            fetchers=self.fetchers,
            writer=self.writer,
            checkpoints=self.checkpoints,
            manifests=self.manifests,
            publisher=self.publisher,
            runs=self.runs,
            lock=self.lock,
            clock=self.clock,
            run_ids=self.run_ids,
            program=self.program,
        )

    @property
    def ingest(self) -> IngestTarget:
        return self.engine.one()

    def change(self, count: int) -> None:
        """From now on the upstream lists so many items."""
        self.fetcher.answers = sample_answers(count)

    async def run(self, target: str = "things", **options: object) -> Run:
        """Ingest once."""
        request = IngestRequest(domain="test", target=target, **options)  # type: ignore[arg-type]  # passed through
        return await self.ingest.execute(request, self.progress)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()
