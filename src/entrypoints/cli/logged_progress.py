"""A run as one log line every half minute, where no terminal is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from application.ports.clock import Clock
from application.ports.progress import ProgressReport
from domain.host_figures import host_figures
from domain.runs import Run
from entrypoints.cli.pace import Pace
from entrypoints.cli.run_progress import RunProgress

_EVERY = 30.0  # seconds
_log = structlog.get_logger()


class LoggedProgress(RunProgress):
    """`run.started`, then `run.progress` by the clock even when nothing moves, `run.finished`.

    Where it is not told of a run, its reports are of targets: `targets.progress`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace(clock)
        self._report: ProgressReport | None = None

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """The clock ticks within the context."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            await asyncio.wait([ticking])

    def started(self, run: Run) -> None:
        """One line for the start."""
        super().started(run)
        self._pace.begin(run.items)
        _log.info("run.started", run_id=run.run_id, domain=run.domain, target=run.target)

    def advanced(self, report: ProgressReport) -> None:
        """Kept for the next line."""
        self._report = report
        self._pace.add(report.done)

    def finished(self, run: Run) -> None:
        """One line for the end."""
        super().finished(run)
        _log.info(
            "run.finished",
            run_id=run.run_id,
            state=run.state.value,
            version=run.version,
            rows_published=run.total("published"),
            seconds=round(run.seconds, 1),
        )

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(_EVERY)
            self._tell()

    def _tell(self) -> None:
        report, run = self._report, self.run
        if report is None:
            return
        remaining = self._pace.remaining(report.done, report.total)
        _log.info(
            "run.progress" if run else "targets.progress",
            **({"run_id": run.run_id} if run else {}),
            stage=report.stage,
            done=report.done,
            total=report.total,
            rate=round(self._pace.rate(), 1),
            eta_seconds=None if remaining is None else round(remaining),
            pages=report.pages,
            requests=report.statistics.requests,
            cache_hits=report.statistics.cache_hits,
            retries=report.statistics.retries,
            throttled=report.statistics.throttled,
            waited=round(report.statistics.waited, 1),
            cache_shares={
                each.host: round(each.cache_share, 3) for each in host_figures(report.statistics)
            },
            failures=report.failures,
        )
