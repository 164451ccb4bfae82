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

    async def execute(self, most: int | None = None) -> tuple[list[Run], int]:
        """The newest runs, newest first, and how many are left out."""
        known = await self._runs.all()
        shown = known[:most]
        return await self._as_they_are(shown), len(known) - len(shown)

    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it; NotFoundError otherwise."""
        (run,) = await self._as_they_are([await self._runs.get(run_id)])
        return run

    async def _as_they_are(self, runs: Sequence[Run]) -> list[Run]:
        killed = {
            run.run_id
            for run in runs
            if run.state is RunState.RUNNING and await self._writer.is_abandoned(run.run_id)
        }
        saved = await self._checkpoints.all() if killed else ()
        return [
            replace(as_saved(run, saved), state=RunState.INTERRUPTED, error=KILLED)
            if run.run_id in killed
            else run
            for run in runs
        ]


def as_saved(run: Run, checkpoints: Sequence[Checkpoint]) -> Run:
    """A killed run as its last checkpoint has it; as it began where there is none."""
    for checkpoint in checkpoints:
        if checkpoint.run.run_id == run.run_id:
            return replace(checkpoint.run, resumable=True)
    return run
