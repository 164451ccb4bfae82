"""The main job: bring one target of one source up to date."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from application.attempt import Attempt
from application.fetch_rows import FetchRows
from application.ingest_job import IngestJob
from application.ingest_request import IngestRequest
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.fetchers import Fetchers
from application.ports.manifest_log import ManifestLog
from application.ports.progress import ProgressListener
from application.ports.publisher import Publisher
from application.ports.run_ids import RunIds
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from application.ports.source_registry import SourceRegistry
from application.publish_run import PublishRun, check_total
from application.put_in_order import Owner
from application.stopped_runs import StoppedRuns
from application.take_up_run import TakenUp, TakeUpRun
from domain.checkpoint import Checkpoint
from domain.errors import DamagedStagingError, PipelineError, StorageError
from domain.runs import Run, RunState, finished


class IngestTarget:
    """Publishes a complete new version of a target's tables, or leaves the old one untouched.

    lock → recover → begin or go on → fetch → seal → commit → publish → release

    Args:
        program: version of this program; a checkpoint of another one is not continued.
        in_order: puts in order what killed runs of a target left, and tells what they left; see
            `PutInOrder`.
    """

    def __init__(
        self,
        *,
        registry: SourceRegistry,
        fetchers: Fetchers,
        writer: DatasetWriter,
        checkpoints: Checkpoints,
        manifests: ManifestLog,
        publisher: Publisher,
        runs: RunLog,
        lock: RunLock,
        clock: Clock,
        run_ids: RunIds,
        program: str,
        in_order: Callable[[Owner], Awaitable[StoppedRuns]],
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._manifests = manifests
        self._runs = runs
        self._lock = lock
        self._clock = clock
        self._run_ids = run_ids
        self._program = program
        self._in_order = in_order
        self._take_up = TakeUpRun(writer, manifests, runs)
        self._fetch = FetchRows(fetchers, checkpoints, clock)
        self._publish = PublishRun(manifests, publisher, runs, clock)

    async def execute(self, request: IngestRequest, progress: ProgressListener) -> Run:
        """Run once; `progress.finished` gets the run in its last state, also when this raises.

        Raises:
            NotFoundError, UsageError: what was asked for does not exist.
            RunLockedError: another run of the target is under way.
            PipelineError: the run failed; what was published before is untouched.
        """
        source = self._registry.get(request.domain, request.source)
        job = IngestJob.of(request, source, self._program)
        async with self._lock.hold(source.domain, job.target):
            stopped = await self._in_order((source.domain, job.target))
            taken = await self._take_up.find(job, stopped)
            try:
                return await self._attempt(job, taken, progress)
            except DamagedStagingError as error:
                if taken.begun is None:
                    raise
                await self._take_up.drop(taken.begun.run.run_id)
                words = f"a stopped run could not be continued: {error} This one began anew"
                anew = replace(taken, begun=None, notes=[*taken.notes, words])
                return await self._attempt(job, anew, progress)

    async def _attempt(
        self,
        job: IngestJob,
        taken: TakenUp,
        progress: ProgressListener,
    ) -> Run:
        begun = taken.begun
        attempt = Attempt(job, self._run(job, begun), begun, progress, self._clock)
        attempt.notes.extend(taken.notes)
        await self._runs.save(attempt.run)
        progress.started(attempt.run)
        try:
            await self._execute(attempt, taken.others)
        except asyncio.CancelledError:
            await asyncio.shield(self._end(attempt, RunState.INTERRUPTED, "stopped before the end"))
            raise
        except PipelineError as error:
            await self._end(attempt, RunState.FAILED, str(error))
            raise
        except Exception as error:
            await self._end(attempt, RunState.FAILED, f"unexpected: {error!r}")
            raise
        finally:
            await asyncio.shield(self._runs.save(attempt.run))
            progress.finished(attempt.run)
        return attempt.run

    async def _execute(self, attempt: Attempt, others: Sequence[str]) -> None:
        job, run = attempt.job, attempt.run
        staged = attempt.begun.tables if attempt.begun else None
        async with self._writer.open(run, job.source, staged) as staging:
            with attempt.stage("fetching"):
                latest = await self._manifests.latest()
                walk = await self._fetch.execute(attempt, staging, latest)
            check_total(job, walk)
            with attempt.stage("merging"):
                sealed = await staging.seal(None if job.request.refresh else latest)
            with attempt.stage("committing"):
                manifest = await self._publish.commit(attempt, sealed, staging, walk)
        with attempt.stage("publishing"):
            for run_id in others:
                await self._take_up.drop(run_id)
            await self._publish.publish(attempt, manifest)
        attempt.run = replace(attempt.run, timings=attempt.timings())

    def _run(self, job: IngestJob, begun: Checkpoint | None) -> Run:
        if begun is not None:
            return replace(
                begun.run,
                state=RunState.RUNNING,
                attempts=begun.run.attempts + 1,
                finished_at=None,
                error=None,
                resumable=False,
            )
        return Run(
            run_id=self._run_ids.next(),
            domain=job.source.domain,
            target=job.target,
            source=job.source.name,
            state=RunState.RUNNING,
            started_at=self._clock.now(),
        )

    async def _end(self, attempt: Attempt, state: RunState, error: str) -> None:
        """The run's last state; one that has published stays what it is.

        A commit may fail after it has taken place: the version is there, and is the run's.
        """
        if attempt.run.version is not None:
            return
        try:
            version = await self._manifests.version_of(attempt.run.run_id)
        except StorageError:
            version = None  # whoever recovers the run looks again
        ended = finished(attempt.now(), state, self._clock.now(), error)
        if version is None:
            attempt.run = replace(ended, resumable=attempt.has_checkpoint)
        else:
            attempt.run = replace(ended, state=RunState.PARTIAL, version=version)
