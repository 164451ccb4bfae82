"""Finds the stopped run that an ingest goes on with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from application.ingest_job import IngestJob
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from application.stopped_runs import StoppedRuns
from domain.checkpoint import Checkpoint
from domain.errors import NotFoundError
from domain.manifest import Manifest
from domain.runs import Run

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What is there of stopped runs.

    Attributes:
        begun: the checkpoint to go on from.
        notes: what the summary is to say.
        others: runs of other windows or options, which end with the next version.
    """

    begun: Checkpoint | None
    notes: list[str]
    others: Sequence[str]


class TakeUpRun:
    """For the holder of a target's lock: none of its runs can be under way."""

    def __init__(self, writer: DatasetWriter, manifests: ManifestLog, runs: RunLog) -> None:
        self._writer = writer
        self._manifests = manifests
        self._runs = runs

    async def find(self, job: IngestJob, stopped: StoppedRuns) -> TakenUp:
        """The newest checkpoint that the job continues, and what is to be said about others.

        Checkpoints that nobody can use any more are removed with what they name; those of other
        windows or options stay.

        Args:
            job: what is to be done.
            stopped: what stopped runs of its target left.
        """
        found: Checkpoint | None = None
        notes, others = list(stopped.notes), list[str]()
        published_at = _published_at(job, await self._manifests.latest())
        for each in stopped.checkpoints:
            run_id = each.run.run_id
            if await self._manifests.version_of(run_id) is not None:
                await self.drop(run_id)
            elif published_at is not None and published_at > each.at:
                # Whoever published it was killed before he could drop this one.
                notes.append(f"the stopped run {run_id} was dropped: a newer version is published")
                await self.drop(run_id)
            elif not job.request.resume:
                notes.append(f"the stopped run {run_id} was dropped (--no-resume)")
                await self.drop(run_id)
            elif each.plan.asked != job.plan.asked:
                others.append(run_id)
            elif each.plan.made_by != job.plan.made_by:
                notes.append(
                    f"the stopped run {run_id} was begun by another version of this program or "
                    "of its tables, so that it could not be continued; this one began anew"
                )
                await self.drop(run_id)
            elif found is None:
                found = each
            else:
                await self.drop(run_id)
        return TakenUp(found, notes, others)

    async def drop(self, run_id: str) -> None:
        """Remove what a stopped run left; the log says that it cannot go on any more."""
        await self._writer.discard(run_id)
        await self.forget(run_id)

    async def forget(self, run_id: str) -> Run | None:
        """The log says that a run cannot go on any more; the run as it was, if it is known."""
        _log.info("run.dropped", run_id=run_id)
        try:
            run = await self._runs.get(run_id)
        except NotFoundError:
            return None
        if run.resumable:
            await self._runs.save(replace(run, resumable=False))
        return run


def _published_at(job: IngestJob, latest: Manifest) -> datetime | None:
    """When the newest rows of the target were published in any table of the source."""
    tables = (job.qualified(table.name) for table in job.source.tables)
    found = (latest.dataset(name, job.target) for name in tables)
    return max((each.committed_at for each in found if each), default=None)
