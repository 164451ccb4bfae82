"""One attempt at a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from application.ingest_job import IngestJob
from application.ports.clock import Clock
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
        self,
        job: IngestJob,
        run: Run,
        begun: Checkpoint | None,
        progress: ProgressListener,
        clock: Clock,
    ) -> None:
        self.job = job
        self.run = run
        self.begun = begun
        self.progress = progress
        self.walk: WalkTarget | None = None
        self.fetched: Callable[[], FetchStatistics] = FetchStatistics
        self.has_checkpoint = begun is not None
        self.notes: list[str] = []
        self._earlier = run.statistics
        self._clock = clock
        self._timings: dict[str, float] = dict(run.timings)
        self._stage: tuple[str, float] | None = None

    def spent(self, what: str, seconds: float) -> None:
        """Seconds more on something."""
        self._timings[what] = self._timings.get(what, 0.0) + seconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """What goes on within the context; its time counts from the start."""
        began = self._clock.monotonic()
        self._stage = (name, began)
        try:
            yield
        finally:
            self._stage = None
            self.spent(name, self._clock.monotonic() - began)

    def timings(self) -> dict[str, float]:
        """Seconds by what they were spent on, up to this moment."""
        spent = dict(self._timings)
        if self._stage:
            name, began = self._stage
            spent[name] = spent.get(name, 0.0) + self._clock.monotonic() - began
        if self.walk:
            spent["parsing"] = spent.get("parsing", 0.0) + self.walk.parsing
        return {name: round(seconds, 3) for name, seconds in spent.items()}

    def now(self) -> Run:
        """The run with all that is known at this moment."""
        run = replace(
            self.run,
            statistics=added_up(self._earlier, self.fetched()),
            timings=self.timings(),
        )
        if (walk := self.walk) is None:
            return run
        return replace(
            run,
            items=walk.items,
            total_items=walk.total,
            failures=dict(walk.failures),
            tallies=dict(walk.tallies),
            notes=tuple(dict.fromkeys((*self.notes, *walk.notes))),
        )
