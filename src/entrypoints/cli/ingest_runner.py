"""Runs ingests one after another and tells how each one ended."""

import asyncio
import shlex
from collections.abc import Sequence
from datetime import timedelta

from application.ingest_request import IngestRequest
from domain.errors import ConfigurationError, PipelineError, RefusedError
from domain.runs import Run, RunState
from entrypoints.cli.exit_codes import STATE_CODES, exit_code, worst
from entrypoints.cli.failures import explained
from entrypoints.cli.garbage import keep_all, search_seldom
from entrypoints.cli.ingest_words import ingest_words
from entrypoints.cli.invocation import Invocation
from entrypoints.cli.many_targets import ManyTargets
from entrypoints.cli.output import say, show_json, show_rows
from entrypoints.cli.progress import progress
from entrypoints.cli.summary import next_step, run_as_json, summary
from entrypoints.cli.target_totals import TargetTotals
from entrypoints.container import Container
from entrypoints.redaction import Redactor
from entrypoints.settings_layers import FLAG, LoadedSettings

_WENT_ON = {0, STATE_CODES[RunState.PARTIAL]}


class IngestRunner:
    """The work of `app ingest`, over a container."""

    def __init__(self, own: Invocation, loaded: LoadedSettings, *, as_json: bool) -> None:
        self._own = own
        self._settings = loaded.settings
        self._as_json = as_json
        by_flag = loaded.origin(("data_dir",)) == FLAG
        folder = shlex.quote(str(self._settings.data_dir))
        self._global_options = f"--data-dir {folder} " if by_flag else ""

    async def ingest(self, container: Container, requests: Sequence[IngestRequest]) -> int:
        """Ingest each target; the worst exit code.

        An error ends its own target; one that every target would meet ends them all.
        """
        container.ingest_target()  # loads all that a run wants
        if not self._own.in_process:
            keep_all()
            search_seldom()
        totals = TargetTotals(len(requests))
        if totals.are_many:
            await self._ingest_many(container, requests, totals)
        else:
            for request in requests:
                try:
                    code = await self._ingest_one(container, request)
                except (ConfigurationError, RefusedError):
                    raise
                except PipelineError as error:
                    code = explained(error, self._own)
                by = f" ({request.source})" if request.source else ""
                totals.add(f"{request.domain} {request.target}{by}", code)
        for line in totals.lines():
            say(line)
        return worst(totals.codes)

    async def _ingest_many(
        self, container: Container, requests: Sequence[IngestRequest], totals: TargetTotals
    ) -> None:
        listener = progress(f"{requests[0].domain}, targets", container.clock())
        targets = ManyTargets(self._own, totals, listener, as_json=self._as_json)
        try:
            async with listener.shown():
                await container.ingest_targets().execute(requests, targets)
        except (asyncio.CancelledError, PipelineError) as error:
            for line in totals.lines():
                say(line)
            if isinstance(error, asyncio.CancelledError):
                self._own.told = True
                say(
                    "Stopped. What was complete is published; the same command goes on with the "
                    "rest where it stood."
                )
            raise

    async def plan(self, container: Container, requests: Sequence[IngestRequest]) -> int:
        """Show what each ingest would do; what all of them would, where they are many."""
        from application.plan_ingest import IngestPlan
        from entrypoints.cli.targets_plan_report import show_targets_plan

        if TargetTotals(len(requests)).are_many:
            planned = await container.plan_targets().execute(requests)
            show_targets_plan(planned, as_json=self._as_json)
            say("Nothing was asked, and nothing was stored.")
            return worst([0, *map(exit_code, planned.refused.values())])
        for request in requests:
            plan: IngestPlan = await container.plan_ingest().execute(request)
            if self._as_json:
                show_json({name: getattr(plan, name) for name in plan.__dataclass_fields__})
                continue
            rows = [
                ("source", plan.source),
                ("target", f"{plan.domain} {plan.target}"),
                ("tables", ", ".join(plan.tables)),
                ("items", "unknown" if plan.total is None else f"{plan.total:,}"),
                *(("next", each) for each in plan.next),
            ]
            show_rows(("what", "value"), rows)
        say("Nothing was stored.")
        return 0

    async def backfill(
        self,
        container: Container,
        requests: Sequence[IngestRequest],
        length: timedelta,
        only_plan: bool,
    ) -> int:
        """Fill the gaps of each target's series, or show the runs that would; the worst code.

        A run that fails ends its own target: what comes after would leave another gap.
        """
        from application.plan_backfill import PlanBackfill

        codes = [0]
        for request in requests:
            planner: PlanBackfill = container.plan_backfill()
            runs = await planner.execute(request, length)
            name = f"{request.domain} {request.target}"
            several = f"{len(runs)} runs fill" if len(runs) > 1 else "one run fills"
            say(f"{name}: {several} its gaps." if runs else f"{name} has no gap.")
            for run in runs:
                window = run.window
                since = window.since.isoformat() if window.since else ""
                say(f"  {since} to {window.until.isoformat() if window.until else 'now'}")
                if only_plan:
                    continue
                codes.append(await self.ingest(container, [run]))
                if codes[-1] not in _WENT_ON:
                    break
        return worst(codes)

    async def _ingest_one(self, container: Container, request: IngestRequest) -> int:
        listener = progress(f"{request.domain} {request.target}", container.clock())
        try:
            async with listener.shown():
                run: Run = await container.ingest_target().execute(request, listener)
        except asyncio.CancelledError:
            self._show_json(listener.run, request, "stopped before the end")
            self._say_stopped(listener.run, request)
            raise
        except Exception as error:
            self._show_json(listener.run, request, Redactor(self._own.secrets).text(str(error)))
            self._say_resumable(listener.run, request)
            raise
        self._show_json(run, request, None)
        source = container.registry().get(run.domain, run.source)
        for line in summary(run, source, self._settings.data_dir):
            say(line)
        if step := next_step(run, self._global_options):
            say(f"Next: {step}")
        return STATE_CODES[run.state]

    def _show_json(self, run: Run | None, request: IngestRequest, error: str | None) -> None:
        if self._as_json:
            value = run_as_json(run, domain=request.domain, target=request.target, error=error)
            show_json(value)

    def _say_stopped(self, run: Run | None, request: IngestRequest) -> None:
        self._own.told = True
        if run is not None and run.version is not None:
            say(f"Stopped. Version {run.version} was already published; `app runs` tells more.")
            return
        say("Stopped. Nothing was published, and nothing half-written was kept.")
        if not self._say_resumable(run, request):
            say(f"To begin again: {self._again(request)}")

    def _say_resumable(self, run: Run | None, request: IngestRequest) -> bool:
        """How to go on with a run that was stopped, where that is possible."""
        if run is None or not run.resumable or not run.items:
            return False
        items = f" of {run.total_items:,}" if run.total_items else ""
        say(
            f"{run.items:,}{items} items are kept. The same command goes on from there: "
            f"{self._again(request)}"
        )
        return True

    def _again(self, request: IngestRequest) -> str:
        return f"app {self._global_options}{shlex.join(ingest_words(request))}"
