"""Many targets are ingested side by side and committed together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from application.ingest_request import IngestRequest
from application.ports.progress import ProgressListener
from application.targets_listener import TargetsListener
from domain.errors import (
    PipelineError,
    RefusedError,
    RetryableError,
    StorageError,
    UpstreamDownError,
    UsageError,
)
from domain.requests import Response
from domain.runs import Run, RunState
from tests.fakes.fake_progress import FakeProgress
from tests.fakes.sample_source import sample_answers
from tests.fakes.still_clock import StillClock
from tests.unit.application.conftest import Workshop

NAMES = ("one", "two", "three", "four", "five")


@dataclass
class Listener(TargetsListener):
    """Remembers how each target ended."""

    outcomes: dict[str, Run | PipelineError | None] = field(default_factory=dict)

    def begun(self, request: IngestRequest) -> ProgressListener:
        return FakeProgress()

    def ended(self, request: IngestRequest, outcome: Run | PipelineError | None) -> None:
        self.outcomes[request.target] = outcome

    def states(self) -> dict[str, object]:
        return {
            name: each.state if isinstance(each, Run) else type(each)
            for name, each in self.outcomes.items()
        }


class Yard(Workshop):
    """The use case over fakes, with an upstream that has every target."""

    def __init__(self, names: Sequence[str] = NAMES) -> None:
        answers: dict[str, Response] = {}
        for name in names:
            answers.update(sample_answers(3, target=name))
        super().__init__(answers, clock=StillClock())
        self.listener = Listener()

    async def run_many(self, names: Sequence[str] = NAMES) -> Listener:
        requests = [IngestRequest(domain="test", target=name) for name in names]
        await self.engine.many().execute(requests, self.listener)
        return self.listener


def test_many_targets_make_one_version() -> None:
    """Each is a run of its own; what costs as much for one as for all is done once."""
    yard = Yard()
    listener = asyncio.run(yard.run_many())

    assert listener.states() == dict.fromkeys(NAMES, RunState.SUCCEEDED)
    (manifest,) = yard.manifests.manifests
    assert sorted(manifest.tables["test.items"].datasets) == sorted(NAMES)
    assert sorted(manifest.runs) == sorted(yard.runs.runs)
    assert {run.version for run in yard.runs.runs.values()} == {1}
    assert all(run.tables["test.items"].balanced for run in yard.runs.runs.values())
    assert yard.writer.swept == 1
    assert sorted(str(target) for _, target in yard.publisher.published) == sorted(NAMES)
    assert yard.lock.held == set()


def test_a_target_that_fails_takes_no_other_down() -> None:
    """Unknown, refused by the source, locked by somebody else, or with a broken list."""
    yard = Yard()
    assert isinstance(yard.fetcher.answers, dict)
    yard.fetcher.answers["/two/0"] = RetryableError("down", status=503)
    yard.lock.held.add(("test", "three"))
    listener = asyncio.run(yard.run_many([*NAMES, "unknown", "refused"]))

    names = {name for name, state in listener.states().items() if state is RunState.SUCCEEDED}
    assert names == {"one", "four", "five"}
    assert isinstance(listener.outcomes["two"], RetryableError)
    assert isinstance(listener.outcomes["refused"], UsageError)
    (manifest,) = yard.manifests.manifests
    assert sorted(manifest.tables["test.items"].datasets) == ["five", "four", "one"]
    states = {run.target: run.state for run in yard.runs.runs.values()}
    assert states["two"] is RunState.FAILED


def test_a_commit_that_fails_leaves_every_run_failed() -> None:
    """And nothing published; each has its own record."""
    yard = Yard()
    yard.manifests.fail = StorageError("the disk is full")
    listener = asyncio.run(yard.run_many())

    assert set(listener.states().values()) == {StorageError}
    assert {run.state for run in yard.runs.runs.values()} == {RunState.FAILED}
    assert yard.manifests.manifests == []


def test_targets_without_news_make_no_version() -> None:
    """Those with news are committed without them."""
    yard = Yard()
    asyncio.run(yard.run_many())
    assert isinstance(yard.fetcher.answers, dict)
    yard.fetcher.answers.update(sample_answers(4, target="two"))
    yard.clock = StillClock()
    yard.writer.rows.clear()
    listener = asyncio.run(yard.run_many())

    news = {n for n, r in listener.outcomes.items() if isinstance(r, Run) and not r.unchanged}
    assert news == {"two"}
    assert len(yard.manifests.manifests) == 2
    assert yard.manifests.manifests[-1].further_runs == ()


def test_one_target_twice_is_ingested_one_after_the_other() -> None:
    """Its lock excludes nobody of the same command."""
    yard = Yard()
    listener = asyncio.run(yard.run_many(["one", "two", "one"]))

    assert listener.states() == dict.fromkeys(("one", "two"), RunState.SUCCEEDED)
    assert len(yard.runs.runs) == 3


def test_an_error_that_every_target_would_meet_ends_them_all() -> None:
    """What is under way comes to its end, and nothing else is begun."""
    names = [f"t{number:03}" for number in range(500)]
    yard = Yard(names)
    assert isinstance(yard.fetcher.answers, dict)
    yard.fetcher.answers["/t000/0"] = RefusedError("no", status=401)
    with pytest.raises(RefusedError):
        asyncio.run(yard.run_many(names))

    assert len(yard.listener.outcomes) < 500
    succeeded = [n for n, s in yard.listener.states().items() if s is RunState.SUCCEEDED]
    assert len(succeeded) == len(yard.listener.outcomes) - 1
    assert sorted(yard.manifests.manifests[-1].tables["test.items"].datasets) == sorted(succeeded)


def test_a_disk_that_is_full_ends_them_all() -> None:
    """Nobody is asked for what cannot be kept."""
    names = [f"t{number:03}" for number in range(500)]
    yard = Yard(names)
    yard.writer.fail_at = "seal"
    listener = asyncio.run(yard.run_many(names))

    assert set(listener.states().values()) == {StorageError}
    assert 20 <= len(listener.outcomes) < 500


def test_an_upstream_that_is_given_up_ends_them_all() -> None:
    """It would be given up for each of the others."""
    names = [f"t{number:03}" for number in range(500)]
    yard = Yard(names)
    assert isinstance(yard.fetcher.answers, dict)
    yard.fetcher.answers["/t000/0"] = UpstreamDownError("given up")
    listener = asyncio.run(yard.run_many(names))

    assert isinstance(listener.outcomes["t000"], UpstreamDownError)
    assert len(listener.outcomes) < 500


def test_only_a_few_fetch_at_once() -> None:
    """The upstream and the memory see no more of them, however many wait to be committed."""
    names = [f"t{number:03}" for number in range(60)]
    yard = Yard(names)
    listener = asyncio.run(yard.run_many(names))

    assert set(listener.states().values()) == {RunState.SUCCEEDED}
    assert yard.fetcher.most_in_flight <= 8
    assert len(yard.manifests.manifests) == 1


def test_stopping_commits_what_is_complete() -> None:
    """What is under way leaves its checkpoint, and the same command goes on from there."""
    yard = Yard()
    yard.fetcher.hang_at = "/three/item/00001"

    async def stopped() -> None:
        task = asyncio.create_task(yard.run_many())
        await yard.fetcher.hanging.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert yard.manifests.manifests == []
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    states = {run.target: run.state for run in yard.runs.runs.values()}
    assert states.pop("three") is RunState.INTERRUPTED
    assert set(states.values()) == {RunState.SUCCEEDED}
    (manifest,) = yard.manifests.manifests
    assert sorted(manifest.tables["test.items"].datasets) == ["five", "four", "one", "two"]
    assert yard.publisher.wholes[-1] == 1

    yard.fetcher.hang_at = None
    yard.clock = StillClock()
    asked = yard.fetcher.asked.copy()
    asyncio.run(yard.run_many())
    three = [run for run in yard.runs.runs.values() if run.target == "three"]
    assert [(run.state, run.attempts) for run in three] == [(RunState.SUCCEEDED, 2)]
    assert yard.fetcher.asked["/three/0"] == asked["/three/0"] == 1


def test_killed_runs_are_found_once_for_all() -> None:
    """A kill between the commit and its records leaves runs that say `running`."""
    yard = Yard()
    asyncio.run(yard.run_many())
    for run_id, run in list(yard.runs.runs.items()):
        yard.runs.runs[run_id] = replace(run, state=RunState.RUNNING, version=None)
    killed = set(yard.runs.runs)
    yard.clock = StillClock()
    yard.publisher.published.clear()
    asyncio.run(yard.run_many())

    found = [yard.runs.runs[run_id] for run_id in killed]
    assert {(run.state, run.version) for run in found} == {(RunState.PARTIAL, 1)}
    assert yard.writer.swept == 2


def test_the_last_thing_is_the_catalog_of_the_newest_version() -> None:
    """It may lag while targets are under way."""
    yard = Yard()
    asyncio.run(yard.run_many())

    assert yard.publisher.wholes[-1] == yard.manifests.manifests[-1].version
