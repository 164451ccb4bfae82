"""What is told of many targets, in few lines."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from application.ingest_request import IngestRequest
from application.ports.progress import ProgressListener, ProgressReport
from application.targets_listener import TargetsListener
from domain.errors import PipelineError
from domain.runs import FetchStatistics, Run, RunState, added_up
from entrypoints.cli.exit_codes import STATE_CODES, exit_code
from entrypoints.cli.failures import explained
from entrypoints.cli.invocation import Invocation
from entrypoints.cli.output import say, show_json
from entrypoints.cli.run_progress import RunProgress
from entrypoints.cli.summary import run_as_json
from entrypoints.cli.target_totals import TargetTotals
from entrypoints.redaction import Redactor

_EXPLAINED = 20


class _Unseen(RunProgress):
    """Remembers a run, and shows nothing of it."""

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """Nothing is shown."""
        yield

    def advanced(self, report: ProgressReport) -> None:
        """Nothing is shown."""


class ManyTargets(TargetsListener):
    """Counts them, moves one progress display for all, and explains the first that failed.

    Args:
        shown: the display.
    """

    def __init__(
        self, own: Invocation, totals: TargetTotals, shown: RunProgress, *, as_json: bool
    ) -> None:
        self._own = own
        self._totals = totals
        self._shown = shown
        self._as_json = as_json
        self._statistics = FetchStatistics()
        self._listening: dict[int, _Unseen] = {}

    def begun(self, request: IngestRequest) -> ProgressListener:
        """A target's turn has come."""
        listener = self._listening[id(request)] = _Unseen()
        return listener

    def ended(self, request: IngestRequest, outcome: Run | PipelineError | None) -> None:
        """One more is done, or is not."""
        run = self._listening.pop(id(request)).run
        name = f"{request.domain} {request.target}"
        if run is not None:
            self._statistics = added_up(self._statistics, run.statistics)
        if outcome is None:
            self._json(request, run, "stopped before the end")
            return
        if isinstance(outcome, Run):
            self._json(request, outcome, None)
            self._totals.add(name, STATE_CODES[outcome.state], unchanged=outcome.unchanged)
            if outcome.state is not RunState.SUCCEEDED and self._totals.said < _EXPLAINED:
                self._totals.said += 1
                say(f"{outcome.state.value}  {name}: `app runs {outcome.run_id}` tells more")
        else:
            self._json(request, run, Redactor(self._own.secrets).text(str(outcome)))
            self._totals.add(name, self._code(name, outcome))
        self._shown.advanced(
            ProgressReport(
                stage="fetching",
                done=len(self._totals.codes),
                total=self._totals.expected,
                pages=0,
                failures=self._totals.failures,
                statistics=self._statistics,
            )
        )

    def _code(self, name: str, error: PipelineError) -> int:
        if self._totals.said >= _EXPLAINED:
            return exit_code(error)
        self._totals.said += 1
        say(f"{name}:")
        return explained(error, self._own)

    def _json(self, request: IngestRequest, run: Run | None, error: str | None) -> None:
        if self._as_json:
            value = run_as_json(run, domain=request.domain, target=request.target, error=error)
            show_json(value)
