"""Reports come while a walk moves, and while it does not."""

import asyncio

import pytest

from domain.time_spent import PARTS, STAGES
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import sample_answers
from tests.unit.application.conftest import Workshop


class Clock(FakeClock):
    """Tells when somebody has slept three times more; longer sleeps never end."""

    def __init__(self) -> None:
        super().__init__()
        self.naps = 0
        self.napped = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds > 1 or self.napped.is_set():
            await asyncio.Event().wait()
        await super().sleep(seconds)
        self.naps += 1
        if self.naps == 3:
            self.napped.set()


def test_a_run_that_stands_still_is_reported_all_the_same() -> None:
    """An hour of waiting for a limit has to show while it lasts."""
    clock = Clock()
    workshop = Workshop(sample_answers(10), clock=clock)
    workshop.fetcher.hang_at = "/things/0"

    async def story() -> None:
        task = asyncio.ensure_future(workshop.run())
        await asyncio.wait_for(clock.napped.wait(), 20)
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())

    reports = workshop.progress.reports
    assert [(each.stage, each.done) for each in reports] == [("fetching", 0)] * 3


def test_the_time_of_a_run_adds_up_over_its_stages_and_parts() -> None:
    """As the clock has it from the first to the last step."""

    class Steps(FakeClock):
        """Each look at it takes a second."""

        def monotonic(self) -> float:
            self.advance(1.0)
            return super().monotonic()

        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    clock = Steps()
    run = asyncio.run(Workshop(sample_answers(10), clock=clock).run())
    stages = sum(run.timings[name] for name in STAGES)

    assert run.timings["fetching"] > 10
    assert run.timings["parsing"] > 0
    assert run.timings["writing"] > 0
    assert sum(run.timings[name] for name in PARTS) == pytest.approx(run.timings["fetching"])
    assert stages == run.worked == pytest.approx(run.seconds, abs=3)
