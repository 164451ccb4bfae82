"""What killed runs left of some targets, and where stopped ones stand."""

from collections.abc import Sequence

from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from application.recover_runs import RecoverRuns
from application.take_up_run import TakeUpRun
from domain.checkpoint import Checkpoint

type Owner = tuple[str, str]
"""Domain and target of a run."""


class PutInOrder:
    """For the holder of the targets' locks: no run of them can be under way.

    It looks at all that the folder has, so it costs as much for one target as for a hundred.
    """

    def __init__(
        self,
        *,
        writer: DatasetWriter,
        checkpoints: Checkpoints,
        manifests: ManifestLog,
        publisher: Publisher,
        runs: RunLog,
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._checkpoints = checkpoints
        self._recover = RecoverRuns(manifests, publisher, runs, checkpoints, clock)
        self._take_up = TakeUpRun(writer, manifests, runs)

    async def execute(self, owners: Sequence[Owner]) -> Sequence[Sequence[Checkpoint]]:
        """The checkpoints of each target, newest first."""
        for run_id in await self._writer.sweep():
            await self._take_up.forget(run_id)
        await self._recover.execute(owners)
        found: dict[Owner, list[Checkpoint]] = {owner: [] for owner in owners}
        for each in await self._checkpoints.all():
            if (owner := (each.run.domain, each.run.target)) in found:
                found[owner].append(each)
        return [found[owner] for owner in owners]

    async def alone(self, owner: Owner) -> Sequence[Checkpoint]:
        """The checkpoints of one target."""
        (found,) = await self.execute([owner])
        return found
