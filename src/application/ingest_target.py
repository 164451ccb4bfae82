"""The main job: bring one target of one source up to date."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.fetchers import Fetchers, FetchOptions
from application.ports.manifest_log import ManifestLog
from application.ports.progress import ProgressListener
from application.ports.publisher import Publisher
from application.ports.run_ids import RunIds
from application.ports.run_lock import RunLock
from application.ports.run_log import RunLog
from application.ports.source_registry import SourceRegistry
from application.progress_reporter import ProgressReporter
from application.recover_runs import RecoverRuns
from application.walk_target import WalkTarget
from domain.errors import PipelineError, RunFailedError, StorageError
from domain.options import check_options
from domain.requests import Request
from domain.runs import FetchStatistics, Run, RunState, finished
from domain.sources import Source, Window

_TOLERANCE = 0.01  # of the stated total, before a difference is worth a word
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """What to ingest, and how.

    Attributes:
        limit: most items; None for all.
        max_errors: failed items after which the run gives up; None for no such limit.
        refresh: ask upstream even where the cache has a fresh answer.
    """

    domain: str
    target: str
    source: str | None = None
    window: Window = field(default_factory=Window)
    options: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    concurrency: int | None = None
    max_errors: int | None = None
    refresh: bool = False


class IngestTarget:
    """Publishes a complete new version of a target's tables, or leaves the old one untouched.

    lock → recover → walk → seal → commit → publish → release
    """

    def __init__(
        self,
        *,
        registry: SourceRegistry,
        fetchers: Fetchers,
        writer: DatasetWriter,
        manifests: ManifestLog,
        publisher: Publisher,
        runs: RunLog,
        lock: RunLock,
        clock: Clock,
        run_ids: RunIds,
    ) -> None:
        self._registry = registry
        self._fetchers = fetchers
        self._writer = writer
        self._manifests = manifests
        self._publisher = publisher
        self._runs = runs
        self._lock = lock
        self._clock = clock
        self._run_ids = run_ids
        self._recover = RecoverRuns(manifests, publisher, runs, clock)

    async def execute(self, request: IngestRequest, progress: ProgressListener) -> Run:
        """Run once; `progress.finished` gets the run in its last state, also when this raises.

        Raises:
            NotFoundError, UsageError: what was asked for does not exist.
            RunLockedError: another run of the target is under way.
            PipelineError: the run failed; what was published before is untouched.
        """
        source = self._registry.get(request.domain, request.source)
        target = source.check_target(request.target)
        options = check_options(source, request.options, request.limit)
        first = source.start(target, request.window, options)
        async with self._lock.hold(source.domain, target):
            await self._writer.sweep()
            await self._recover.execute(source.domain, target)
            run = Run(
                run_id=self._run_ids.next(),
                domain=source.domain,
                target=target,
                source=source.name,
                state=RunState.RUNNING,
                started_at=self._clock.now(),
            )
            await self._runs.save(run)
            progress.started(run)
            attempt = _Attempt(run, request, first, progress)
            try:
                await self._publish(attempt, source)
            except asyncio.CancelledError:
                attempt.run = self._ended(attempt, RunState.INTERRUPTED, "stopped before the end")
                raise
            except PipelineError as error:
                attempt.run = self._ended(attempt, RunState.FAILED, str(error))
                raise
            except Exception as error:
                attempt.run = self._ended(attempt, RunState.FAILED, f"unexpected: {error!r}")
                raise
            finally:
                await asyncio.shield(self._runs.save(attempt.run))
                progress.finished(attempt.run)
            return attempt.run

    async def _publish(self, attempt: "_Attempt", source: Source) -> None:
        run = attempt.run
        async with self._writer.open(run, source) as staging:
            fetch = FetchOptions(attempt.request.concurrency, attempt.request.refresh)
            async with self._fetchers.open(source, fetch) as fetcher:
                attempt.fetched = fetcher.statistics
                reporter = ProgressReporter(attempt.progress, fetcher, self._clock)
                walk = WalkTarget(
                    source,
                    fetcher,
                    staging,
                    clock=self._clock,
                    max_errors=attempt.request.max_errors,
                    advanced=reporter.advanced,
                )
                await walk.run(attempt.first)
                reporter.entered("writing", walk)
            _check_total(walk, attempt.request.limit)
            sealed = await staging.seal()
            manifest = await self._manifests.commit(sealed.publication, self._clock.now())
        share = walk.failures.total() / max(1, walk.items)
        partial = share > source.partial_above or _lacks_items(walk, attempt.request.limit)
        attempt.run = replace(
            self._ended(attempt, RunState.PARTIAL if partial else RunState.SUCCEEDED, None),
            version=manifest.version,
            tables=dict(sealed.tables),
            failures=dict(walk.failures),
            notes=tuple(_notes(walk, attempt.request.limit)),
        )
        await self._runs.save(attempt.run)
        try:
            files = await self._publisher.publish(manifest, run.target)
        except StorageError as error:
            _log.error("publish.failed", version=manifest.version, reason=str(error))
            note = f"Version {manifest.version} is committed, but a derived file is not: {error}"
            attempt.run = replace(
                attempt.run, state=RunState.PARTIAL, notes=(*attempt.run.notes, note)
            )
        else:
            attempt.run = replace(attempt.run, files=tuple(files))

    def _ended(self, attempt: "_Attempt", state: RunState, error: str | None) -> Run:
        run = finished(attempt.run, state, self._clock.now(), error)
        return replace(run, statistics=attempt.fetched()) if attempt.fetched else run


class _Attempt:
    """What an ingest knows of itself while it runs."""

    def __init__(
        self,
        run: Run,
        request: IngestRequest,
        first: Sequence[Request],
        progress: ProgressListener,
    ) -> None:
        self.run = run
        self.request = request
        self.first = first
        self.progress = progress
        self.fetched: Callable[[], FetchStatistics] | None = None


def _check_total(walk: WalkTarget, limit: int | None) -> None:
    """An upstream that names items and lists none would empty the table: refuse."""
    if walk.items == 0 and walk.total and limit != 0:
        message = (
            f"The upstream says that there are {walk.total} items and listed none. "
            "Nothing was published; try again later."
        )
        raise RunFailedError(message)


def _lacks_items(walk: WalkTarget, limit: int | None) -> bool:
    """The upstream listed fewer items than it says it has."""
    return limit is None and walk.items < (walk.total or 0) and _differs(walk)


def _differs(walk: WalkTarget) -> bool:
    total = walk.total or 0
    return abs(total - walk.items) > total * _TOLERANCE


def _notes(walk: WalkTarget, limit: int | None) -> Iterator[str]:
    yield from dict.fromkeys(walk.notes)
    if limit is not None:
        yield f"limited to {limit} items"
    elif walk.items == 0:
        yield "the target has no items"
    elif walk.total and _differs(walk):
        yield f"the upstream says {walk.total} items and listed {walk.items}"
