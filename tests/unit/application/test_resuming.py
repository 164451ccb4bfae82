"""A stopped run goes on where it stood."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.checkpoint import Checkpoint
from domain.errors import PermanentError, RetryableError, StorageError
from domain.runs import RowCounts, Run, RunState
from tests.fakes.fake_checkpoints import FakeCheckpoints
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import answer, sample_answers
from tests.unit.application.conftest import Workshop


class StillClock(FakeClock):
    """Half a minute is never over."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


COUNT = 400
HELD = "/things/item/00200"


async def stop(workshop: Workshop, **options: Any) -> None:
    """Run until one item hangs, then cancel."""
    workshop.fetcher.hang_at = HELD
    task = asyncio.ensure_future(workshop.run(**options))
    await workshop.fetcher.hanging.wait()
    for _ in range(50):  # what can go on without the item goes on
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    workshop.fetcher.hang_at = None
    workshop.fetcher.hanging.clear()


def story(*steps: Callable[[Workshop], Awaitable[object]]) -> tuple[Workshop, Run]:
    """A workshop after some steps, and its newest run."""
    workshop = Workshop(sample_answers(COUNT, page_size=50))

    async def all_steps() -> None:
        for step in steps:
            await step(workshop)

    asyncio.run(all_steps())
    return workshop, max(workshop.runs.runs.values(), key=lambda run: run.run_id)


def ingest(**options: Any) -> Callable[[Workshop], Awaitable[object]]:
    """A step: an ingest that is not disturbed."""
    return lambda workshop: workshop.run(**options)


def test_the_next_ingest_goes_on_under_the_same_run() -> None:
    """Nothing is asked twice but what was in flight; all rows are there; counts add up."""
    workshop, run = story(stop, ingest())

    assert (run.run_id, run.state, run.attempts) == ("RUN1", RunState.SUCCEEDED, 2)
    assert run.tables["test.items"] == RowCounts(COUNT, COUNT)
    assert run.tables["test.details"] == RowCounts(2 * COUNT, 2 * COUNT)
    assert run.items == COUNT
    asked_again = workshop.fetcher.asked.total() - COUNT - COUNT // 50
    assert 0 < asked_again <= 4 * 64
    assert run.statistics.requests >= COUNT
    assert not workshop.checkpoints.saved
    assert not workshop.writer.areas


def test_a_stopped_run_says_that_it_can_go_on() -> None:
    """With how far it is."""
    _, run = story(stop)

    assert (run.state, run.resumable) == (RunState.INTERRUPTED, True)
    assert 0 < run.items < COUNT
    assert run.total_items == COUNT


def test_a_changed_concurrency_goes_on_all_the_same() -> None:
    """How fast is no part of what."""
    _, run = story(lambda w: stop(w, concurrency=4), ingest(concurrency=100, max_errors=7))

    assert run.attempts == 2


def test_no_resume_drops_what_was_done() -> None:
    """A run of its own, with everything asked again."""
    workshop, run = story(stop, ingest(resume=False))

    assert (run.run_id, run.attempts) == ("RUN2", 1)
    assert any("--no-resume" in note for note in run.notes)
    assert not workshop.runs.runs["RUN1"].resumable


@pytest.mark.parametrize(
    "options", [{"limit": 3}, {"refresh": True}, {"options": {"flavour": "x"}}]
)
def test_another_question_is_a_run_of_its_own(options: dict[str, object]) -> None:
    """Its version takes the place of what was stopped, so that an old cut never comes back."""
    workshop, run = story(stop, ingest(**options))

    assert (run.run_id, run.attempts) == ("RUN2", 1)
    assert not workshop.checkpoints.saved
    assert not workshop.runs.runs["RUN1"].resumable


def test_a_checkpoint_of_another_program_version_is_refused_with_a_word() -> None:
    """It may read answers differently."""

    async def update(workshop: Workshop) -> None:
        workshop.program = "1.1"

    _, run = story(stop, update, ingest())

    assert (run.run_id, run.tables["test.items"].published) == ("RUN2", COUNT)
    assert any("another version of this program" in note for note in run.notes)


def test_a_damaged_checkpoint_is_dropped_with_a_word() -> None:
    """What cannot be trusted is fetched again."""

    async def damage(workshop: Workshop) -> None:
        workshop.writer.damaged.add("RUN1")

    _, run = story(stop, damage, ingest())

    assert (run.run_id, run.tables["test.items"].published) == ("RUN2", COUNT)
    assert any("could not be continued" in note for note in run.notes)


def test_a_checkpoint_that_was_swept_is_spoken_of() -> None:
    """Who had hours of work in it wants to know why they begin again."""

    async def rot(workshop: Workshop) -> None:
        workshop.writer.useless["RUN1"] = "its checkpoint is damaged"

    workshop, run = story(stop, rot, ingest())

    assert (run.run_id, run.attempts) == ("RUN2", 1)
    assert "the stopped run RUN1 could not be continued: its checkpoint is damaged" in run.notes
    assert not workshop.runs.runs["RUN1"].resumable


def test_what_was_swept_of_another_target_is_not_spoken_of() -> None:
    """It is no news to this one."""

    async def rot(workshop: Workshop) -> None:
        workshop.writer.useless["RUN1"] = "it is older than 7 days"
        workshop.runs.runs["RUN1"] = replace(workshop.runs.runs["RUN1"], target="others")

    _, run = story(stop, rot, ingest())

    assert not any("RUN1" in note for note in run.notes)


def test_an_upstream_that_fails_leaves_a_run_that_can_go_on() -> None:
    """A page in the middle that fails; the rest is there when it works again (F090)."""
    whole = sample_answers(COUNT, page_size=50)
    workshop = Workshop({**whole, "/things/4": RetryableError("down", status=503)})

    async def twice() -> Run:
        with pytest.raises(RetryableError):
            await workshop.run()
        failed = workshop.runs.runs["RUN1"]
        assert (failed.state, failed.resumable) == (RunState.FAILED, True)
        assert failed.items
        workshop.fetcher.answers = whole
        return await workshop.run()

    run = asyncio.run(twice())
    assert (run.run_id, run.attempts) == ("RUN1", 2)
    assert run.tables["test.items"] == RowCounts(COUNT, COUNT)


def test_a_first_request_that_fails_leaves_nothing_behind() -> None:
    """There is nothing to go on from."""
    workshop = Workshop({"/things/0": PermanentError("odd", status=400)})
    with pytest.raises(PermanentError):
        asyncio.run(workshop.run())

    assert not workshop.runs.runs["RUN1"].resumable
    assert not workshop.checkpoints.saved


def test_a_full_disk_leaves_the_earlier_checkpoint() -> None:
    """The rows of the last good cut are still there when there is room again."""

    async def full(workshop: Workshop) -> None:
        workshop.writer.fail_at = "drain"
        with pytest.raises(StorageError):
            await workshop.run()
        workshop.writer.fail_at = None

    _, run = story(stop, full, ingest())

    assert (run.run_id, run.attempts) == ("RUN1", 3)
    assert run.tables["test.items"] == RowCounts(COUNT, COUNT)


def test_a_kill_in_the_merge_goes_on_with_the_merge() -> None:
    """All is staged: nothing is asked again."""

    async def failing(workshop: Workshop) -> None:
        workshop.writer.fail_at = "seal"
        with pytest.raises(StorageError):
            await workshop.run()
        workshop.writer.fail_at = None
        workshop.fetcher.asked.clear()

    workshop, run = story(failing, ingest())

    assert (run.run_id, run.state) == ("RUN1", RunState.SUCCEEDED)
    assert workshop.fetcher.asked.total() == 0


def test_checkpoints_come_every_thousand_requests() -> None:
    """And not with each answer."""
    workshop = Workshop(sample_answers(5_000, page_size=200), clock=StillClock())
    asyncio.run(workshop.run())

    assert 5 <= workshop.checkpoints.count <= 6


def test_a_run_that_is_stopped_in_the_midst_of_a_checkpoint_saves_it_all_the_same() -> None:
    """What was being saved when the signal came is not saved yet."""

    class SlowCheckpoints(FakeCheckpoints):
        """The first one takes for ever."""

        def __init__(self) -> None:
            super().__init__()
            self.saving = asyncio.Event()

        async def save(self, checkpoint: Checkpoint) -> None:
            if not self.saving.is_set():
                self.saving.set()
                await asyncio.Event().wait()
            await super().save(checkpoint)

    checkpoints = SlowCheckpoints()
    workshop = Workshop(
        sample_answers(996, page_size=200), clock=StillClock(), checkpoints=checkpoints
    )
    workshop.fetcher.hang_at = "/things/item/00995"  # five pages and all other items: a thousand

    async def story() -> None:
        task = asyncio.ensure_future(workshop.run())
        await asyncio.wait_for(checkpoints.saving.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    run = workshop.runs.runs["RUN1"]

    assert (run.state, run.resumable) == (RunState.INTERRUPTED, True)
    assert checkpoints.saved["RUN1"].walk.items == run.items == 995


def test_a_checkpoint_that_cannot_be_written_fails_the_run() -> None:
    """Going on would break the promise."""
    workshop = Workshop(sample_answers(1_500, page_size=200))
    workshop.checkpoints.fail = StorageError("the disk is full")
    with pytest.raises(StorageError, match="full"):
        asyncio.run(workshop.run())

    assert workshop.runs.runs["RUN1"].state is RunState.FAILED


def test_a_run_that_was_killed_after_its_commit_is_not_continued() -> None:
    """Its version is there; what it staged goes."""

    async def killed(workshop: Workshop) -> None:
        await stop(workshop)
        left = dict(workshop.checkpoints.saved)
        area = dict(workshop.writer.areas)
        await workshop.run()
        workshop.checkpoints.saved.update(left)
        workshop.writer.areas.update(area)

    workshop, run = story(killed, ingest())

    assert (run.run_id, run.unchanged, run.version) == ("RUN2", True, 1)
    assert not workshop.checkpoints.saved


def test_an_older_cut_never_comes_after_a_newer_version() -> None:
    """Also when the run that published was killed before it could drop what had been stopped."""

    async def publish_and_die(workshop: Workshop) -> None:
        left, area = dict(workshop.checkpoints.saved), dict(workshop.writer.areas)
        workshop.clock.advance(60)
        await workshop.run(refresh=True)
        workshop.checkpoints.saved.update(left)
        workshop.writer.areas.update(area)

    workshop, run = story(stop, publish_and_die, ingest())

    assert (run.run_id, run.attempts) == ("RUN3", 1)
    assert "the stopped run RUN1 was dropped: a newer version is published" in run.notes
    assert not workshop.checkpoints.saved


def test_a_target_that_did_not_change_gets_no_new_version() -> None:
    """The run says so, and names the version that still holds."""
    workshop, run = story(ingest(), ingest())

    assert len(workshop.manifests.manifests) == 1
    assert (run.run_id, run.version, run.unchanged) == ("RUN2", 1, True)
    assert any(note.startswith("unchanged") for note in run.notes)


def test_a_value_that_changed_gets_a_new_version() -> None:
    """One cell is enough."""

    async def change(workshop: Workshop) -> None:
        assert isinstance(workshop.fetcher.answers, dict)
        workshop.fetcher.answers["/things/item/00007"] = answer({"colors": ["other", "color 1"]})

    _, run = story(ingest(), change, ingest())

    assert (run.version, run.unchanged) == (2, False)


def test_a_killed_run_is_recorded_as_its_checkpoint_has_it() -> None:
    """`kill -9` leaves `running` in the log; the next holder of the lock mends it."""

    async def kill(workshop: Workshop) -> None:
        stopped = workshop.runs.runs["RUN1"]
        workshop.runs.runs["RUN1"] = replace(
            stopped, state=RunState.RUNNING, items=0, resumable=False, finished_at=None
        )

    workshop, run = story(stop, kill, ingest())

    assert (run.run_id, run.attempts, run.state) == ("RUN1", 2, RunState.SUCCEEDED)
    recovered = [each for each in workshop.runs.history if each.error == "killed before the end"]
    assert recovered[0].resumable
    assert recovered[0].items
