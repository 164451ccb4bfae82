"""What an ingest of many targets would do, without asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ingest_job import IngestJob
from application.ingest_request import IngestRequest
from application.ports.checkpoints import Checkpoints
from application.ports.manifest_log import ManifestLog
from application.ports.source_registry import SourceRegistry
from domain.errors import PipelineError
from domain.manifest import Manifest
from domain.rate_limits import RateLimit, least_seconds
from domain.sources import Source


@dataclass(frozen=True, slots=True)
class TargetsPlan:
    """What is known before the first request.

    Attributes:
        targets: those that can be ingested, by source.
        published: of these, how many have rows already; of a time series only what is new is
            asked for.
        stopped: how many go on where a stopped run stood.
        refused: targets that cannot be, and why.
        requests: that are sent at least: the first ones of each run.
        limits: stated limits, by source.
        seconds: that these requests take at least under the limits.
    """

    targets: Mapping[str, int]
    published: int
    stopped: int
    refused: Mapping[str, PipelineError]
    requests: int
    limits: Mapping[str, Sequence[RateLimit]]
    seconds: float


class PlanTargets:
    """Reads sources, the newest version and the checkpoints."""

    def __init__(
        self,
        *,
        registry: SourceRegistry,
        manifests: ManifestLog,
        checkpoints: Checkpoints,
        program: str,
    ) -> None:
        self._registry = registry
        self._manifests = manifests
        self._checkpoints = checkpoints
        self._program = program

    async def execute(self, requests: Sequence[IngestRequest]) -> TargetsPlan:
        """The plan.

        Raises:
            DataFolderError, StorageError: what is published cannot be read.
        """
        manifest = await self._manifests.latest()
        jobs: list[IngestJob] = []
        refused: dict[str, PipelineError] = {}
        for request in requests:
            try:
                source = self._registry.get(request.domain, request.source)
                jobs.append(IngestJob.of(request, source, self._program))
            except PipelineError as error:
                refused[request.target] = error
        stopped = {
            (each.run.target, each.plan.asked, each.plan.made_by)
            for each in await self._checkpoints.all()
        }
        sources = {job.source.name: job.source for job in jobs}
        weights = dict.fromkeys(sources, 0)
        targets = dict.fromkeys(sources, 0)
        count = 0
        for job in jobs:
            first = job.first(manifest)
            count += len(first)
            targets[job.source.name] += 1
            weights[job.source.name] += sum(each.weight for each in first)
        limits = {name: _limits(source) for name, source in sources.items()}
        return TargetsPlan(
            targets=targets,
            published=sum(_is_published(job, manifest) for job in jobs),
            stopped=sum((job.target, job.plan.asked, job.plan.made_by) in stopped for job in jobs),
            refused=refused,
            requests=count,
            limits=limits,
            seconds=max(
                (least_seconds(weights[name], limits[name]) for name in sources), default=0.0
            ),
        )


def _limits(source: Source) -> Sequence[RateLimit]:
    return source.policy.limits


def _is_published(job: IngestJob, manifest: Manifest) -> bool:
    names = (job.qualified(table.name) for table in job.source.tables)
    return all(manifest.dataset(name, job.target) is not None for name in names)
