"""Checkpoints in memory."""

from collections.abc import Sequence

from application.ports.checkpoints import Checkpoints
from domain.checkpoint import Checkpoint
from domain.errors import PipelineError


class FakeCheckpoints(Checkpoints):
    """The newest checkpoint of each run, and how many were saved; `fail` is raised by `save`."""

    def __init__(self) -> None:
        self.saved: dict[str, Checkpoint] = {}
        self.count = 0
        self.fail: PipelineError | None = None

    async def save(self, checkpoint: Checkpoint) -> None:
        if self.fail is not None:
            raise self.fail
        self.count += 1
        self.saved[checkpoint.run.run_id] = checkpoint

    async def all(self) -> Sequence[Checkpoint]:
        return sorted(self.saved.values(), key=lambda each: each.at, reverse=True)
