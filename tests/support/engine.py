"""The engine over given ports, as the container puts it together."""

from dataclasses import dataclass

from application.ingest_target import IngestTarget
from application.ingest_targets import IngestTargets
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.fetchers import Fetchers
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_ids import RunIds
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from application.ports.source_registry import SourceRegistry
from application.put_in_order import PutInOrder


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Its ports."""

    registry: SourceRegistry
    fetchers: Fetchers
    writer: DatasetWriter
    checkpoints: Checkpoints
    manifests: ManifestLog
    publisher: Publisher
    runs: RunLog
    lock: RunLock
    clock: Clock
    run_ids: RunIds
    program: str = "1.0"

    @property
    def in_order(self) -> PutInOrder:
        return PutInOrder(
            writer=self.writer,
            checkpoints=self.checkpoints,
            manifests=self.manifests,
            publisher=self.publisher,
            runs=self.runs,
            clock=self.clock,
        )

    def one(self, **other: object) -> IngestTarget:
        """The ingest of one target; other ports by name."""
        ports = {"in_order": self.in_order.alone, **vars(self), **other}
        return IngestTarget(**ports)

    def many(self) -> IngestTargets:
        """The ingest of many targets."""
        return IngestTargets(
            ingest=self.one,
            registry=self.registry,
            fetchers=self.fetchers,
            manifests=self.manifests,
            publisher=self.publisher,
            in_order=self.in_order,
            clock=self.clock,
        )
