"""Finds the stopped run that an ingest goes on with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from application.ingest_job import IngestJob
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from domain.checkpoint import Checkpoint
from domain.errors import NotFoundError

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

    async def find(self, job: IngestJob, stopped: Sequence[Checkpoint]) -> TakenUp:
        """The newest checkpoint that the job continues, and what is to be said about others.

        Checkpoints that nobody can use any more are removed with what they name; those of other
        windows or options stay.

        Args:
            job: what is to be done.
            stopped: the checkpoints of its target, newest first.
        """
        found: Checkpoint | None = None
        notes: list[str] = []
        others: list[str] = []
        for each in stopped:
            run_id = each.run.run_id
            if await self._manifests.version_of(run_id) is not None:
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

    async def forget(self, run_id: str) -> None:
        """The log says that a run cannot go on any more."""
        _log.info("run.dropped", run_id=run_id)
        try:
            run = await self._runs.get(run_id)
        except NotFoundError:
            return
        if run.resumable:
            await self._runs.save(replace(run, resumable=False))
