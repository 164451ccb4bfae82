"""Finds the stopped run that an ingest goes on with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from application.ingest_job import IngestJob
from application.ports.checkpoints import Checkpoints
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from domain.checkpoint import Checkpoint
from domain.errors import NotFoundError
from domain.manifest import Manifest
from domain.runs import Run

_log = structlog.get_logger()


class TakeUpRun:
    """For the holder of a target's lock: none of its runs can be under way."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        writer: DatasetWriter,
        manifests: ManifestLog,
        runs: RunLog,
    ) -> None:
        self._checkpoints = checkpoints
        self._writer = writer
        self._manifests = manifests
        self._runs = runs

    async def find(self, job: IngestJob) -> tuple[Checkpoint | None, list[str]]:
        """The newest checkpoint that the job continues, and what is to be said about others.

        Checkpoints that nobody can use any more are removed with what they name; those of other
        windows or options stay.
        """
        found: Checkpoint | None = None
        notes: list[str] = []
        published_at = _published_at(job, await self._manifests.latest())
        for each in await self._of(job.source.domain, job.target):
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
                continue
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
        return found, notes

    async def drop(self, run_id: str) -> None:
        """Remove what a stopped run left; the log says that it cannot go on any more."""
        await self._writer.discard(run_id)
        await self._forget(run_id)

    async def drop_all(self, domain: str, target: str) -> None:
        """What all stopped runs of a target left, now that a newer version is there."""
        for each in await self._of(domain, target):
            await self.drop(each.run.run_id)

    async def forget_all(self, job: IngestJob, swept: Mapping[str, str]) -> list[str]:
        """The log says that runs cannot go on any more; what is to be said about the job's own.

        Args:
            job: what is to be done.
            swept: why, by run.
        """
        notes = []
        for run_id, why in swept.items():
            run = await self._forget(run_id)
            same = run and (run.domain, run.target) == (job.source.domain, job.target)
            if why and same:
                notes.append(f"the stopped run {run_id} could not be continued: {why}")
        return notes

    async def _forget(self, run_id: str) -> Run | None:
        _log.info("run.dropped", run_id=run_id)
        try:
            run = await self._runs.get(run_id)
        except NotFoundError:
            return None
        if run.resumable:
            await self._runs.save(replace(run, resumable=False))
        return run

    async def _of(self, domain: str, target: str) -> list[Checkpoint]:
        return [
            each
            for each in await self._checkpoints.all()
            if (each.run.domain, each.run.target) == (domain, target)
        ]


def _published_at(job: IngestJob, latest: Manifest) -> datetime | None:
    """When the newest rows of the target were published in any table of the source."""
    tables = (job.qualified(table.name) for table in job.source.tables)
    found = (latest.dataset(name, job.target) for name in tables)
    return max((each.committed_at for each in found if each), default=None)
