"""What killed runs left of some targets, and where stopped ones stand."""

from collections import defaultdict
from collections.abc import Sequence

from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import DatasetWriter
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from application.recover_runs import RecoverRuns
from application.stopped_runs import StoppedRuns
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

    async def execute(self, owners: Sequence[Owner]) -> Sequence[StoppedRuns]:
        """What stopped runs of each target left."""
        notes: dict[Owner, list[str]] = defaultdict(list)
        for run_id, why in (await self._writer.sweep()).items():
            run = await self._take_up.forget(run_id)
            if why and run is not None:
                words = f"the stopped run {run_id} could not be continued: {why}"
                notes[run.domain, run.target].append(words)
        await self._recover.execute(owners)
        found: dict[Owner, list[Checkpoint]] = defaultdict(list)
        for each in await self._checkpoints.all():
            found[each.run.domain, each.run.target].append(each)
        return [StoppedRuns(found[owner], notes[owner]) for owner in owners]

    async def alone(self, owner: Owner) -> StoppedRuns:
        """What stopped runs of one target left."""
        (found,) = await self.execute([owner])
        return found
