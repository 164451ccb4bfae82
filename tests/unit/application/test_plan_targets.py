"""What many targets would cost, before anybody is asked."""

import asyncio
from dataclasses import replace

from application.ingest_request import IngestRequest
from application.plan_targets import PlanTargets, TargetsPlan
from domain.rate_limits import RateLimit
from domain.sources import SourcePolicy
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE
from tests.unit.application.conftest import Workshop

LIMITED = replace(SAMPLE, policy=SourcePolicy("https://sample.invalid", limits=(RateLimit(3, 60),)))


def plan(workshop: Workshop, *names: str) -> TargetsPlan:
    planner = PlanTargets(
        registry=FakeSourceRegistry(LIMITED),
        manifests=workshop.manifests,
        checkpoints=workshop.checkpoints,
        program="1.0",
    )
    requests = [IngestRequest(domain="test", target=name) for name in names]
    return asyncio.run(planner.execute(requests))


def test_requests_and_limits_say_how_long_it_takes(workshop: Workshop) -> None:
    """Nothing is sent."""
    found = plan(workshop, *(f"t{number}" for number in range(10)))

    assert (found.targets, found.requests) == ({"sample": 10}, 10)
    assert found.limits == {"sample": (RateLimit(3, 60),)}
    assert found.seconds == 180
    assert workshop.fetchers.opened == []


def test_wrong_targets_are_named_and_do_not_hide_the_others(workshop: Workshop) -> None:
    """One may be misspelt among thousands."""
    found = plan(workshop, "one", "refused", "two")

    assert found.targets == {"sample": 2}
    assert list(found.refused) == ["refused"]


def test_what_is_published_or_stopped_is_counted() -> None:
    """A stopped run of the same goes on; one of another window does not count."""
    workshop = Workshop(source=LIMITED)
    asyncio.run(workshop.run())
    workshop.fetcher.hang_at = "/things/item/00003"

    async def stopped() -> None:
        task = asyncio.create_task(workshop.run(refresh=True))
        await workshop.fetcher.hanging.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(stopped())
    assert len(workshop.checkpoints.saved) == 1
    found = plan(workshop, "things", "others")
    assert (found.published, found.stopped) == (1, 0)


def test_a_stopped_run_goes_on() -> None:
    """It is of the same target, window and parameters."""
    workshop = Workshop(source=LIMITED)
    workshop.fetcher.hang_at = "/things/item/00003"

    async def stopped() -> None:
        task = asyncio.create_task(workshop.run())
        await workshop.fetcher.hanging.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(stopped())
    found = plan(workshop, "things", "others")
    assert (found.published, found.stopped) == (0, 1)
