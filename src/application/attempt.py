"""One attempt at a run."""

from collections.abc import Callable
from dataclasses import replace

from application.ingest_job import IngestJob
from application.ports.progress import ProgressListener
from application.walk_target import WalkTarget
from domain.checkpoint import Checkpoint
from domain.runs import FetchStatistics, Run, added_up


class Attempt:
    """What an ingest knows of itself while it goes on.

    Attributes:
        run: in its last known state; the statistics of earlier attempts included.
        begun: the checkpoint that it goes on from.
        walk: how far the fetching is; None before it began.
        fetched: the statistics of this attempt alone.
        has_checkpoint: a later attempt can go on from somewhere.
    """

    def __init__(
        self, job: IngestJob, run: Run, begun: Checkpoint | None, progress: ProgressListener
    ) -> None:
        self.job = job
        self.run = run
        self.begun = begun
        self.progress = progress
        self.walk: WalkTarget | None = None
        self.fetched: Callable[[], FetchStatistics] = FetchStatistics
        self.has_checkpoint = begun is not None
        self.notes: list[str] = []
        self.timings: dict[str, float] = dict(run.timings)
        self._earlier = run.statistics

    def spent(self, what: str, seconds: float) -> None:
        """Seconds more on something."""
        self.timings[what] = self.timings.get(what, 0.0) + seconds

    def now(self) -> Run:
        """The run with all that is known at this moment."""
        run = replace(
            self.run,
            statistics=added_up(self._earlier, self.fetched()),
            timings={name: round(seconds, 3) for name, seconds in self.timings.items()},
        )
        if (walk := self.walk) is None:
            return run
        return replace(
            run,
            items=walk.items,
            total_items=walk.total,
            failures=dict(walk.failures),
            notes=tuple(dict.fromkeys((*self.notes, *walk.notes))),
        )
