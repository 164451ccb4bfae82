"""Passes a walk's numbers on to whoever shows them."""

from application.ports.clock import Clock
from application.ports.fetcher import BatchFetcher
from application.ports.progress import ProgressListener, ProgressReport
from application.walk_numbers import WalkNumbers

_EVERY = 0.1  # seconds between two reports
_AT_LEAST_EVERY = 1.0  # seconds; a wait for a limit shows while it goes on


class ProgressReporter:
    """Reports a few times a second, however often the walk moves."""

    def __init__(self, listener: ProgressListener, fetcher: BatchFetcher, clock: Clock) -> None:
        self._listener = listener
        self._fetcher = fetcher
        self._clock = clock
        self._last = float("-inf")

    def advanced(self, walk: WalkNumbers) -> None:
        """The walk has come further."""
        now = self._clock.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            self._report("fetching", walk)

    async def run(self, walk: WalkNumbers) -> None:
        """Report also while nothing moves, until cancelled."""
        while True:
            await self._clock.sleep(_AT_LEAST_EVERY)
            if self._clock.monotonic() - self._last >= _AT_LEAST_EVERY:
                self._report("fetching", walk)

    def entered(self, stage: str, walk: WalkNumbers) -> None:
        """A new stage begins."""
        self._report(stage, walk)

    def _report(self, stage: str, walk: WalkNumbers) -> None:
        self._listener.advanced(
            ProgressReport(
                stage=stage,
                done=walk.items,
                total=walk.total,
                pages=walk.pages,
                failures=walk.failures.total(),
                statistics=self._fetcher.statistics(),
            )
        )
