"""`app ingest`: what goes in, what comes out, and how it ends."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from application.ingest_request import IngestRequest
from application.plan_ingest import IngestPlan
from application.ports.progress import ProgressListener, ProgressReport
from domain.errors import (
    ConfigurationError,
    NotFoundError,
    RetryableError,
    RunLockedError,
    UsageError,
)
from domain.runs import FetchStatistics, RowCounts, Run, RunState
from domain.sources import Window
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE
from tests.support.run_cli import RunCli

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FETCHED = FetchStatistics(requests=30, cache_hits=70, revalidated=2, retries=3, bytes=1_234_567)


def _run(target: str) -> Run:
    return Run(
        run_id="01J0000000000000000000RUN1",
        domain="test",
        target=target,
        source="sample",
        state=RunState.SUCCEEDED,
        started_at=START,
        finished_at=START + timedelta(seconds=4.25),
        version=7,
        tables={"test.items": RowCounts(105, 100, 3, 2), "test.details": RowCounts(9, 9)},
        statistics=FETCHED,
        files=(f"{target}_items.parquet",),
    )


class FakeIngest:
    """An ingest whose outcome is told by target; remembers what it was asked."""

    def __init__(
        self, outcomes: Mapping[str, Callable[[Run], Run | BaseException]] | None = None
    ) -> None:
        self.outcomes = outcomes or {}
        self.requests: list[IngestRequest] = []

    async def execute(self, request: IngestRequest, progress: ProgressListener) -> Run:
        self.requests.append(request)
        run = _run(request.target)
        outcome: Run | BaseException = run
        if request.target in self.outcomes:
            outcome = self.outcomes[request.target](run)
        if isinstance(outcome, NotFoundError | UsageError | RunLockedError | ConfigurationError):
            raise outcome
        progress.started(replace(run, state=RunState.RUNNING, version=None, tables={}))
        progress.advanced(ProgressReport("fetching", 50, 100, 1, 0, FETCHED))
        if isinstance(outcome, BaseException):
            stopped = isinstance(outcome, asyncio.CancelledError)
            state = RunState.INTERRUPTED if stopped else RunState.FAILED
            progress.finished(replace(run, state=state, version=None, tables={}, files=()))
            raise outcome
        progress.finished(outcome)
        return outcome


def _ingest(run_cli: RunCli, *arguments: str, ingest: Any = None, **more: Any) -> Any:
    registry = FakeSourceRegistry(SAMPLE)
    return run_cli(*arguments, ingest_target=ingest or FakeIngest(), registry=registry, **more)


def test_options_become_the_request(run_cli: RunCli) -> None:
    """Every option arrives in the use case's words."""
    ingest = FakeIngest()
    outcome = _ingest(
        run_cli, "ingest", "test", "a", "b", "a", "--source", "sample",
        "--since", "2026-01-31", "--until", "2026-02-01T12:00:00+02:00",
        "-p", "flavour=x=y", "-p", "other=", "--limit", "5", "--concurrency", "9",
        "--max-errors", "0", "--full-refresh", ingest=ingest,
    )  # fmt: skip

    assert outcome.code == 0
    assert [each.target for each in ingest.requests] == ["a", "b"]
    assert ingest.requests[0] == IngestRequest(
        domain="test",
        target="a",
        source="sample",
        window=Window(datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, 10, tzinfo=UTC)),
        options={"flavour": "x=y", "other": ""},
        limit=5,
        concurrency=9,
        max_errors=0,
        refresh=True,
    )


def test_a_watch_list_stands_for_its_targets(run_cli: RunCli) -> None:
    """Each is ingested like any other."""
    Path("app.toml").write_text('[lists]\nfavourites = ["b", "c"]\n')
    ingest = FakeIngest()
    outcome = _ingest(run_cli, "ingest", "test", "a", "@favourites", ingest=ingest)

    assert outcome.code == 0
    assert [each.target for each in ingest.requests] == ["a", "b", "c"]
    assert _ingest(run_cli, "ingest", "test", "@favourite").code == 5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "--since 'yesterday' is not a date"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "--since must be before --until"),
        (["-p", "flavour"], "-p 'flavour' is not name=value"),
        (["-p", "a=1", "-p", "a=2"], "-p a is given twice"),
    ],
)
def test_values_that_make_no_sense_are_usage_errors(
    arguments: list[str], told: str, run_cli: RunCli
) -> None:
    """Before anything is asked or built."""
    outcome = _ingest(run_cli, "ingest", "test", "a", *arguments)

    assert (outcome.code, outcome.settings) == (2, None)
    assert told in outcome.err


def test_the_summary_tells_what_happened_and_what_to_type_next(run_cli: RunCli) -> None:
    """On stderr; stdout stays empty."""
    outcome = _ingest(run_cli, "ingest", "test", "things", terminal=True)

    assert (outcome.code, outcome.out) == (0, "")
    for words in (
        "succeeded  test things  version 7 in 4.2 s  (run 01J0000000000000000000RUN1)",
        "test.items             100 rows  3 quarantined  2 deduplicated",
        "test.details             9 rows\n",
        "requests 30  cache hits 70 (70 %)  revalidated 2  retries 3  1.2 MB",
        "files in output: things_items.parquet",
        'Next: app query "select * from test.items limit 10"',
    ):
        assert words in outcome.err, words


def test_the_summary_tells_of_limits_and_of_hosts_given_up(run_cli: RunCli) -> None:
    """Which upstream cost the time, what was not repeated, whom nobody asks any more."""
    fetched = replace(
        FETCHED,
        waited=185.2,
        waits={"api.test": 180.0, "a.test": 5.2},
        throttled=1200,
        denied=7,
        hosts_given_up=5,
        given_up=("a.test", "b.test", "c.test", "d.test", "e.test"),
    )
    timings = {"fetching": 20.0, "limits": 12.0}
    ingest = FakeIngest({"things": lambda run: replace(run, statistics=fetched, timings=timings)})
    outcome = _ingest(run_cli, "ingest", "test", "things", terminal=True, ingest=ingest)

    for words in (
        "held back by limits of api.test and a.test: 12.0 s of the time",
        "asked for fewer requests 1,200 times",
        "not repeated to spare a failing upstream: 7 requests",
        "given up, they failed again and again: a.test, b.test, c.test and 2 more",
    ):
        assert words in outcome.err, words


def test_the_next_command_repeats_the_data_folder(run_cli: RunCli) -> None:
    """A folder named by a flag has to be named again."""
    outcome = _ingest(run_cli, "--data-dir", "my data", "ingest", "test", "things")

    assert """Next: app --data-dir 'my data' query "select""" in outcome.err


def test_json_is_one_object_with_the_documented_members(run_cli: RunCli) -> None:
    """Nothing else is on stdout."""
    outcome = _ingest(run_cli, "ingest", "test", "things", "--json")

    assert json.loads(outcome.out) == {
        "run_id": "01J0000000000000000000RUN1",
        "state": "succeeded",
        "domain": "test",
        "target": "things",
        "version": 7,
        "rows": {
            "test.items": {"published": 100, "quarantined": 3, "deduplicated": 2},
            "test.details": {"published": 9, "quarantined": 0, "deduplicated": 0},
        },
        "requests": 30,
        "cache_hits": 70,
        "carried": 0,
        "revalidated": 2,
        "retries": 3,
        "seconds": 4.25,
        "bytes": 1234567,
        "files": ["things_items.parquet"],
        "unchanged": False,
        "resumable": False,
        "attempts": 1,
        "items": 0,
        "throttled": 0,
        "waited": 0.0,
        "timings": {},
        "tallies": {},
        "pages": 0,
        "total_items": None,
        "rate": 0.0,
        "failures": {},
        "hosts": [],
        "notes": [],
    }


def test_a_failed_run_is_told_in_json_too(run_cli: RunCli) -> None:
    """With its state and its error; the code says how it failed."""
    ingest = FakeIngest(
        {"things": lambda _: RetryableError("HTTP 503", url="https://x", status=503)}
    )
    outcome = _ingest(run_cli, "ingest", "test", "things", "--json", ingest=ingest)

    value = json.loads(outcome.out)
    assert outcome.code == 7
    assert (value["state"], value["version"], value["files"]) == ("failed", None, [])
    assert value["error"] == "HTTP 503 (https://x)"
    assert "error: HTTP 503 (https://x)" in outcome.err
    assert "Try again later" in outcome.err


def test_a_run_that_never_began_is_told_in_json_too(run_cli: RunCli) -> None:
    """There is no run id then."""
    ingest = FakeIngest({"things": lambda _: RunLockedError("test", "things", "process 4 on x")})
    outcome = _ingest(run_cli, "ingest", "test", "things", "--json", ingest=ingest)

    value = json.loads(outcome.out)
    assert outcome.code == 8
    assert (value["run_id"], value["state"], value["target"]) == (None, "failed", "things")
    assert "process 4 on x" in value["error"]


def test_incomplete_items_make_a_partial_run(run_cli: RunCli) -> None:
    """Code 6, with the reasons by number, the rest in one figure."""
    failures = {"metadata: timeout": 30, "metadata: HTTP 404": 180}
    failures |= {f"metadata: HTTP 50{n}": 1 for n in range(5)}
    ingest = FakeIngest(
        {
            "things": lambda run: replace(
                run, state=RunState.PARTIAL, failures=failures, notes=("limited to 5 items",)
            )
        }
    )
    outcome = _ingest(run_cli, "ingest", "test", "things", ingest=ingest)

    assert outcome.code == 6
    assert "partial  test things" in outcome.err
    assert (
        "incomplete items 215: 180 metadata: HTTP 404; 30 metadata: timeout; "
        "1 metadata: HTTP 500; 1 metadata: HTTP 501; 1 metadata: HTTP 502; 2 for 2 other reasons"
    ) in outcome.err
    assert "note: limited to 5 items" in outcome.err


def test_one_bad_target_does_not_keep_the_others_from_running(run_cli: RunCli) -> None:
    """The worst code wins; each target has its JSON line."""
    ingest = FakeIngest(
        {
            "a": lambda _: NotFoundError("collection", "a"),
            "b": lambda run: replace(run, state=RunState.PARTIAL),
        }
    )
    outcome = _ingest(run_cli, "ingest", "test", "a", "b", "c", "--json", ingest=ingest)

    states = [json.loads(line)["state"] for line in outcome.out.splitlines()]
    assert (outcome.code, states) == (5, ["failed", "partial", "succeeded"])


def test_an_error_of_the_configuration_ends_all_targets(run_cli: RunCli) -> None:
    """The others would only repeat it."""
    ingest = FakeIngest({"a": lambda _: ConfigurationError("no key")})
    outcome = _ingest(run_cli, "ingest", "test", "a", "b", ingest=ingest)

    assert (outcome.code, len(ingest.requests)) == (3, 1)
    assert outcome.err.count("error: no key") == 1


def test_a_cancelled_run_says_what_is_left(run_cli: RunCli) -> None:
    """Nothing published, nothing half-written, and how to go on."""
    ingest = FakeIngest({"things": lambda _: asyncio.CancelledError()})
    outcome = _ingest(run_cli, "ingest", "test", "things", "--json", ingest=ingest)

    assert outcome.code == 130
    assert json.loads(outcome.out)["state"] == "interrupted"
    assert "Stopped. Nothing was published, and nothing half-written was kept." in outcome.err
    assert "To begin again: app ingest test things" in outcome.err


def test_a_run_that_was_stopped_after_its_commit_says_so(run_cli: RunCli) -> None:
    """What is published is not taken back."""

    class Late(FakeIngest):
        async def execute(self, request: IngestRequest, progress: ProgressListener) -> Run:
            progress.finished(replace(_run(request.target), state=RunState.INTERRUPTED))
            raise asyncio.CancelledError

    outcome = _ingest(run_cli, "ingest", "test", "things", ingest=Late())

    assert outcome.code == 130
    assert "Stopped. Version 7 was already published" in outcome.err


def test_a_pipe_gets_log_lines_in_place_of_a_live_line(run_cli: RunCli) -> None:
    """Start and end, as JSON."""
    outcome = _ingest(run_cli, "ingest", "test", "things")

    events = [json.loads(line)["event"] for line in outcome.err.splitlines() if line[0] == "{"]
    assert events == ["run.started", "run.finished"]


def test_a_dry_run_shows_the_plan(run_cli: RunCli) -> None:
    """And stores nothing: the ingest itself is not even built."""

    class FakePlan:
        async def execute(self, request: IngestRequest) -> IngestPlan:
            return IngestPlan("sample", "test", request.target, ["test.items"], 7, ["page /x/1"])

    ingest = FakeIngest()
    arguments = ("ingest", "test", "things", "--dry-run")
    outcome = _ingest(run_cli, *arguments, ingest=ingest, plan_ingest=FakePlan())
    as_json = _ingest(run_cli, *arguments, "--json", ingest=ingest, plan_ingest=FakePlan())

    assert ingest.requests == []
    assert "items\t7\nnext\tpage /x/1\n" in outcome.out
    assert json.loads(as_json.out)["next"] == ["page /x/1"]
