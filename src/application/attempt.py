"""One attempt at a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from application.ingest_job import IngestJob
from application.ports.clock import Clock
from application.ports.progress import ProgressListener
from application.walk_numbers import WalkNumbers
from domain.checkpoint import Checkpoint
from domain.runs import FetchStatistics, Run, added_up
from domain.time_spent import PARTS, STAGES, fetching_parts


class Attempt:
    """What an ingest knows of itself while it goes on.

    Attributes:
        run: in its last known state; the statistics of earlier attempts included.
        begun: the checkpoint that it goes on from.
        walk: how far the fetching is; None before it began.
        fetched: the statistics of this attempt alone.
        saving: seconds spent on checkpoints, beside all else.
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
        self.walk: WalkNumbers | None = None
        self.fetched: Callable[[], FetchStatistics] = FetchStatistics
        self.has_checkpoint = begun is not None
        self.notes: list[str] = []
        self.saving = 0.0
        self._earlier = run
        self._clock = clock
        self._began = clock.monotonic()
        self._stages: dict[str, float] = {}
        self._stage: tuple[str, float] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """What goes on within the context; its time counts from the start. Each comes once."""
        began = self._clock.monotonic()
        self._stage = (name, began)
        try:
            yield
        finally:
            self._stage = None
            self._stages[name] = self._clock.monotonic() - began

    def timings(self) -> dict[str, float]:
        """Seconds by what they were spent on, up to this moment, earlier attempts included."""
        now = self._clock.monotonic()
        spent = dict(self._stages)
        if self._stage:
            name, began = self._stage
            spent[name] = now - began
        spent["other"] = max(0.0, now - self._began - sum(spent.values()))
        if self.walk:
            spent |= fetching_parts(
                spent.get("fetching", 0.0),
                self.fetched().shared,
                parsing=self.walk.parsing,
                writing=self.walk.writing + self.saving,
            )
        earlier = self._earlier.timings
        return {
            name: round(earlier.get(name, 0.0) + spent.get(name, 0.0), 3)
            for name in (*STAGES, *PARTS)
            if name in earlier or name in spent
        }

    def now(self) -> Run:
        """The run with all that is known at this moment."""
        run = replace(
            self.run,
            statistics=added_up(self._earlier.statistics, self.fetched()),
            timings=self.timings(),
        )
        if (walk := self.walk) is None:
            return run
        return replace(
            run,
            items=walk.items,
            total_items=walk.total,
            pages=walk.pages,
            failures=dict(walk.failures),
            tallies=dict(walk.tallies),
            notes=tuple(dict.fromkeys((*self.notes, *walk.notes))),
        )
