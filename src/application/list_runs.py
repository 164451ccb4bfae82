"""Every run, as it stands now."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.checkpoints import Checkpoints
from application.ports.dataset_writer import DatasetWriter
from application.ports.run_log import RunLog
from domain.checkpoint import Checkpoint
from domain.runs import KILLED, Run, RunState


class ListRuns:
    """The run log, with those runs told apart that cannot say any more that they are over.

    Nothing is written: the next ingest of their target does that.
    """

    def __init__(self, runs: RunLog, writer: DatasetWriter, checkpoints: Checkpoints) -> None:
        self._runs = runs
        self._writer = writer
        self._checkpoints = checkpoints

    async def execute(self) -> Sequence[Run]:
        """All runs, newest first."""
        return [await self._as_it_is(run) for run in await self._runs.all()]

    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it; NotFoundError otherwise."""
        return await self._as_it_is(await self._runs.get(run_id))

    async def _as_it_is(self, run: Run) -> Run:
        if run.state is not RunState.RUNNING or not await self._writer.is_abandoned(run.run_id):
            return run
        saved = as_saved(run, await self._checkpoints.all())
        return replace(saved, state=RunState.INTERRUPTED, error=KILLED)


def as_saved(run: Run, checkpoints: Sequence[Checkpoint]) -> Run:
    """A killed run as its last checkpoint has it; as it began where there is none."""
    for checkpoint in checkpoints:
        if checkpoint.run.run_id == run.run_id:
            return replace(checkpoint.run, resumable=True)
    return run
