"""Runs as they stand now, those that died without a word too."""

import asyncio
from dataclasses import replace

from application.list_runs import ListRuns
from domain.runs import Run, RunState
from tests.contracts.checkpoints_contract import sample_checkpoint
from tests.fakes.fake_checkpoints import FakeCheckpoints
from tests.fakes.fake_dataset_writer import FakeDatasetWriter
from tests.fakes.fake_run_log import FakeRunLog
from tests.support.sample_runs import sample_run

RUNNING = replace(sample_run("RUN1"), state=RunState.RUNNING, finished_at=None)


def _listed(*, killed: bool, with_checkpoint: bool) -> Run:
    log, checkpoints = FakeRunLog(), FakeCheckpoints()
    writer = FakeDatasetWriter(checkpoints)
    log.runs["RUN1"] = RUNNING
    if killed:
        writer.killed.add("RUN1")
    if with_checkpoint:
        saved = sample_checkpoint("RUN1")
        checkpoints.saved["RUN1"] = replace(saved, run=replace(RUNNING, items=700))
    runs = ListRuns(log, writer, checkpoints)
    (listed,), left = asyncio.run(runs.execute())
    assert left == 0
    assert asyncio.run(runs.get("RUN")) == listed
    assert log.runs["RUN1"] == RUNNING
    return listed


def test_a_killed_run_is_not_said_to_run() -> None:
    """It is as its last checkpoint has it, and can go on from there; the log stays as it is."""
    run = _listed(killed=True, with_checkpoint=True)

    assert (run.state, run.resumable, run.items) == (RunState.INTERRUPTED, True, 700)
    assert run.error == "killed before the end"


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_anew() -> None:
    """There is nothing to go on from."""
    run = _listed(killed=True, with_checkpoint=False)

    assert (run.state, run.resumable) == (RunState.INTERRUPTED, False)


def test_a_run_that_is_under_way_runs() -> None:
    """Whatever it has saved."""
    assert _listed(killed=False, with_checkpoint=True) == RUNNING


def test_the_newest_are_listed_and_the_others_counted() -> None:
    """Of thousands nobody reads them all."""
    log, checkpoints = FakeRunLog(), FakeCheckpoints()
    for number in range(5):
        log.runs[f"RUN{number}"] = replace(RUNNING, run_id=f"RUN{number}")

    runs, left = asyncio.run(ListRuns(log, FakeDatasetWriter(checkpoints), checkpoints).execute(2))

    assert ([run.run_id for run in runs], left) == (["RUN4", "RUN3"], 3)
