"""The part of an ingest that makes staged rows a version."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from application.attempt import Attempt
from application.ingest_job import IngestJob
from application.ports.clock import Clock
from application.ports.dataset_writer import SealedRun, Staging
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from application.walk_numbers import WalkNumbers
from domain.coverage import Span, covered, known_until
from domain.errors import RunFailedError, StorageError
from domain.manifest import Manifest, Publication, TableVersion, says_the_same
from domain.runs import Run, RunState, finished

_TOLERANCE = 0.01  # of the stated total, before a difference is worth a word
_IN_HAND = timedelta(days=1)
_NAMED = 5  # missing answers in the summary
_log = structlog.get_logger()


class PublishRun:
    """Commits what differs from the version before, then brings the derived files up to it."""

    def __init__(
        self, manifests: ManifestLog, publisher: Publisher, runs: RunLog, clock: Clock
    ) -> None:
        self._manifests = manifests
        self._publisher = publisher
        self._runs = runs
        self._clock = clock

    async def commit(
        self, attempt: Attempt, sealed: SealedRun, staging: Staging, walk: WalkNumbers
    ) -> Manifest:
        """The version that holds the rows: a new one, or the one that says the same already.

        With `--full-refresh` it is a new one in any case, which also mends files that have been
        damaged since they were published. Rows that said the same and do not any more, since
        another run was committed meanwhile, are written now.
        The balance is written down before, so that it is there even if the program is killed
        right after the commit.
        """
        job = attempt.job
        attempt.run = replace(attempt.now(), tables=dict(sealed.tables))
        await self._runs.save(attempt.run)
        latest = await self._manifests.latest()
        same = not job.request.refresh and says_the_same(latest, sealed.publication)
        if same:
            manifest = latest
        else:
            publication = sealed.publication if sealed.is_written else await staging.write()
            now = self._clock.now()
            publication = _with_progress(job, publication, latest, walk, now)
            manifest = await self._manifests.commit(publication, now)
        state = RunState.PARTIAL if _is_partial(job, walk) else RunState.SUCCEEDED
        attempt.run = replace(
            finished(attempt.now(), state, self._clock.now()),
            version=manifest.version,
            unchanged=same,
        )
        attempt.run = replace(
            attempt.run, notes=(*attempt.run.notes, *_notes(job, walk, attempt.run))
        )
        await self._runs.save(attempt.run)
        return manifest

    async def publish(self, attempt: Attempt, manifest: Manifest) -> None:
        """Bring the derived files up to the version; the version stands even if that fails."""
        try:
            files = await self._publisher.publish(manifest, attempt.run.target)
        except StorageError as error:
            _log.error("publish.failed", version=manifest.version, reason=str(error))
            note = f"Version {manifest.version} is committed, but a derived file is not: {error}"
            attempt.run = replace(
                attempt.run, state=RunState.PARTIAL, notes=(*attempt.run.notes, note)
            )
        else:
            attempt.run = replace(attempt.run, files=tuple(files))
        attempt.run = replace(attempt.run, finished_at=self._clock.now())


def check_total(job: IngestJob, walk: WalkNumbers) -> None:
    """An upstream that names items and lists none would empty the table: refuse.

    Raises:
        RunFailedError: it does.
    """
    if walk.items == 0 and walk.total and job.request.limit != 0:
        message = (
            f"The upstream says that there are {walk.total} items and listed none. "
            "Nothing was published; try again later."
        )
        raise RunFailedError(message)


def _is_partial(job: IngestJob, walk: WalkNumbers) -> bool:
    share = walk.failures.total() / max(1, walk.items)
    lacking = job.request.limit is None and walk.items < (walk.total or 0) and _differs(walk)
    return share > job.source.partial_above or lacking


def _differs(walk: WalkNumbers) -> bool:
    total = walk.total or 0
    return abs(total - walk.items) > total * _TOLERANCE


def _notes(job: IngestJob, walk: WalkNumbers, run: Run) -> Iterator[str]:
    if run.unchanged:
        yield f"unchanged: version {run.version} already says the same"
    if job.request.offline:
        yield "offline: answers of any age were taken from the cache"
    if walk.missing:
        yield f"not in the cache, among others: {', '.join(walk.missing[:_NAMED])}"
    if job.request.limit is not None:
        yield f"limited to {job.request.limit} items"
    elif walk.items == 0 and not job.merged:
        yield "the target has no items"
    elif walk.total and _differs(walk):
        yield f"the upstream says {walk.total} items and listed {walk.items}"


def _with_progress(
    job: IngestJob, publication: Publication, latest: Manifest, walk: WalkNumbers, now: datetime
) -> Publication:
    """The publication, with what of each merged table is known for good from now on.

    Items that failed may lack anywhere in what was asked for: then nothing more is known. Where
    the upstream itself decided how far back it went, a day is left over for clocks that differ.
    """
    until = None if walk.failures else walk.complete_until
    tables: dict[str, TableVersion] = dict(publication.tables)
    for name in job.merged:
        before = latest.dataset(name, job.target)
        known = dict(before.complete_until) if before else {}
        spans = dict(before.covered) if before else {}
        if until is not None:
            since = job.asked_since(latest)
            if since is None and job.source.default_span is not None:
                since = min(until, now - job.source.default_span + _IN_HAND)
            span = Span(since, until)
            coverage = spans[job.plan.series] = covered(job.coverage(before), span)
            if job.continues(latest):
                reached = max(until, known.get(job.plan.series, until))
                known[job.plan.series] = known_until(coverage, reached)
        datasets = {
            target: replace(dataset, complete_until=known, covered=spans)
            for target, dataset in tables[name].datasets.items()
        }
        tables[name] = replace(tables[name], datasets=datasets)
    return replace(publication, tables=tables)
