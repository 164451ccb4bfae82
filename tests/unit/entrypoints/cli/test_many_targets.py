"""`app ingest` of more targets than anybody reads about one by one."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from application.ingest_request import IngestRequest
from application.plan_targets import TargetsPlan
from application.targets_listener import TargetsListener
from domain.errors import PipelineError, RefusedError, RetryableError, UsageError
from domain.rate_limits import RateLimit
from domain.runs import FetchStatistics, RowCounts, Run, RunState
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE
from tests.support.run_cli import RunCli

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAMES = [f"t{number:02}" for number in range(40)]

type Outcomes = Mapping[str, Run | PipelineError]


def run_of(target: str, **changes: Any) -> Run:
    run = Run(
        run_id="01J0000000000000000000RUN1",
        domain="test",
        target=target,
        source="sample",
        state=RunState.SUCCEEDED,
        started_at=START,
        finished_at=START + timedelta(seconds=4.25),
        version=7,
        tables={"test.items": RowCounts(5, 5)},
        statistics=FetchStatistics(requests=3),
    )
    return replace(run, **changes)


class FakeIngestTargets:
    """Every target succeeds, unless it is told otherwise; then it may raise."""

    def __init__(
        self, outcomes: Outcomes | None = None, end: Callable[[], BaseException] | None = None
    ) -> None:
        self.outcomes = outcomes or {}
        self.end = end
        self.requests: list[IngestRequest] = []

    async def execute(self, requests: Sequence[IngestRequest], listener: TargetsListener) -> None:
        self.requests.extend(requests)
        for request in requests:
            progress = listener.begun(request)
            outcome = self.outcomes.get(request.target, run_of(request.target))
            if isinstance(outcome, Run):
                progress.started(outcome)
                progress.finished(outcome)
            listener.ended(request, outcome)
            if self.end and request.target == "t19":
                listener.begun(requests[20])
                listener.ended(requests[20], None)
                raise self.end()


def ingest(
    run_cli: RunCli, *words: str, targets: Any = None, names: Sequence[str] = NAMES, **more: Any
) -> Any:
    return run_cli(
        "ingest",
        "test",
        *names,
        *words,
        ingest_targets=targets or FakeIngestTargets(),
        registry=FakeSourceRegistry(SAMPLE),
        **more,
    )


def said(outcome: Any) -> list[str]:
    return [line for line in outcome.err.splitlines() if not line.startswith("{")]


def test_many_that_go_well_are_told_in_one_line(run_cli: RunCli) -> None:
    """Nobody reads forty summaries."""
    targets = FakeIngestTargets({name: run_of(name, unchanged=True) for name in NAMES[:30]})
    outcome = ingest(run_cli, "--limit", "5", targets=targets)

    assert outcome.code == 0
    assert outcome.out == ""
    assert said(outcome) == ["40 targets; 40 up to date; 30 of them unchanged"]
    assert [each.target for each in targets.requests] == NAMES
    assert {each.limit for each in targets.requests} == {5}


def test_the_first_that_fail_are_explained_and_the_others_counted(run_cli: RunCli) -> None:
    """The exit code is that of the worst."""
    wrong: Outcomes = {name: RetryableError("down", status=503) for name in NAMES[:30]}
    partial = run_of("t39", state=RunState.PARTIAL)
    outcome = ingest(run_cli, targets=FakeIngestTargets({**wrong, "t39": partial}))

    assert outcome.code == 7
    assert sum("error:" in line for line in said(outcome)) == 20
    assert "test t00:" in said(outcome)
    counts, named = said(outcome)[-2:]
    assert counts == "40 targets; 9 up to date; 1 partial; 30 failed"
    assert named.endswith("test t19 and 10 more")


def test_a_partial_target_is_named_with_its_run(run_cli: RunCli) -> None:
    """Exit 6; what it lacks stands in the log."""
    partial = run_of("t39", state=RunState.PARTIAL)
    outcome = ingest(run_cli, targets=FakeIngestTargets({"t39": partial}))

    assert outcome.code == 6
    assert said(outcome)[0].startswith("partial  test t39: `app runs 01J")


def test_json_has_an_object_for_each(run_cli: RunCli) -> None:
    """Failed ones too, with their error."""
    targets = FakeIngestTargets({"t01": UsageError("no such thing")})
    outcome = ingest(run_cli, "--json", targets=targets)
    found = [json.loads(line) for line in outcome.out.splitlines()]

    assert [each["target"] for each in found] == NAMES
    assert found[1]["error"] == "no such thing"
    assert {each["state"] for each in found} == {"succeeded", "failed"}


def test_stopped_it_says_what_is_done(run_cli: RunCli) -> None:
    """And that the same command goes on."""
    targets = FakeIngestTargets(end=asyncio.CancelledError)
    outcome = ingest(run_cli, "--json", targets=targets)

    assert outcome.code == 130
    assert "40 targets; 20 up to date; 20 not done" in said(outcome)
    assert any("same command goes on" in line for line in said(outcome))
    assert json.loads(outcome.out.splitlines()[-1])["error"] == "stopped before the end"


def test_an_error_that_ends_them_all_comes_after_the_totals(run_cli: RunCli) -> None:
    """What was done before it is done."""
    targets = FakeIngestTargets(end=lambda: RefusedError("the key is refused", status=401))
    outcome = ingest(run_cli, targets=targets)

    assert outcome.code == 4
    lines = said(outcome)
    assert lines.index("40 targets; 20 up to date; 20 not done") < next(
        number for number, line in enumerate(lines) if "the key is refused" in line
    )


def test_on_a_terminal_one_line_shows_all_of_them(run_cli: RunCli) -> None:
    """It is gone in the end."""
    outcome = ingest(run_cli, terminal=True)

    assert outcome.code == 0
    assert "40 targets; 40 up to date" in outcome.err


class FakePlanTargets:
    def __init__(self, refused: Mapping[str, PipelineError]) -> None:
        self.refused = refused

    async def execute(self, requests: Sequence[IngestRequest]) -> TargetsPlan:
        return TargetsPlan(
            targets={"sample": len(requests) - len(self.refused)},
            published=3,
            stopped=2,
            refused=self.refused,
            requests=38,
            limits={"sample": (RateLimit(6000, 60.0),)},
            seconds=180.0,
        )


def test_a_dry_run_shows_one_plan(run_cli: RunCli) -> None:
    """How many requests at least, and how long the limits make them take."""
    outcome = ingest(run_cli, "--dry-run", plan_targets=FakePlanTargets({}))

    assert outcome.code == 0
    assert dict(line.split("\t") for line in outcome.out.splitlines()) == {
        "what": "value",
        "targets of sample": "40",
        "published before": "3",
        "stopped, to be continued": "2",
        "requests, at least": "38",
        "limits of sample": "6,000 in 1:00",
        "time under these limits, at least": "3:00",
        "targets that cannot be": "0",
    }
    assert "Nothing was asked" in outcome.err


def test_a_plan_names_the_first_targets_that_cannot_be(run_cli: RunCli) -> None:
    """Exit code of the worst of them; as JSON, all with their reason."""
    refused: dict[str, PipelineError] = {name: UsageError(f"not {name}") for name in NAMES[:25]}
    outcome = ingest(run_cli, "--dry-run", plan_targets=FakePlanTargets(refused))
    as_json = ingest(run_cli, "--dry-run", "--json", plan_targets=FakePlanTargets(refused))

    assert (outcome.code, as_json.code) == (2, 2)
    lines = outcome.out.splitlines()
    assert "t19\tnot t19" in lines
    assert "t20\tnot t20" not in lines
    assert lines[-1] == "…\t5 more"
    plan = json.loads(as_json.out)
    assert len(plan["refused"]) == 25
    assert plan["limits"] == {"sample": [{"count": 6000, "seconds": 60.0}]}
