"""From a name to a version."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from application.resolve_version import ResolveVersion
from domain.errors import NotFoundError
from domain.runs import Run, RunState
from domain.snapshots import Snapshot
from tests.contracts.manifest_log_contract import publication
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_run_log import FakeRunLog
from tests.fakes.fake_version_history import FakeVersionHistory
from tests.support.sample_runs import sample_run

RUNS = ("01AAAAAAAA", "01AAAAABBB", "01CCCCCCCC")


def day(number: int) -> datetime:
    """A day of that January."""
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.fixture
def catalog() -> tuple[ResolveVersion, FakeRunLog, FakeVersionHistory]:
    """Versions 2, 3 and 4 of January 3, 4 and 5; version 1 of January 2 was pruned."""
    log, runs = FakeManifestLog(), FakeRunLog()
    history = FakeVersionHistory(log)

    async def story() -> None:
        await log.commit(publication("01PRUNED00"), day(2))
        for number, run_id in enumerate(RUNS, start=3):
            await log.commit(publication(run_id), day(number))
        await runs.save(_ended("01FAILED00", RunState.FAILED, None))
        unchanged = replace(_ended("01UNCHANGED", RunState.SUCCEEDED, 3), unchanged=True)
        await runs.save(unchanged)

    asyncio.run(story())
    del log.manifests[0]
    history.gone = [Snapshot(1, day(2), "01PRUNED00", "test", "things", (), 1, 1)]
    clock = FakeClock(day(10))
    return ResolveVersion(manifests=log, history=history, runs=runs, clock=clock), runs, history


def _ended(run_id: str, state: RunState, version: int | None) -> Run:
    return replace(sample_run(run_id), state=state, version=version)


type Catalog = tuple[ResolveVersion, FakeRunLog, FakeVersionHistory]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3", 3),
        ("01AAAAAAAA", 2),
        ("01aaaaaaaa", 2),
        ("01CCCC", 4),
        ("01UNCHANGED", 3),
        ("2026-01-03", 2),
        ("2026-01-03T23:59", 2),
        ("2026-01-04T00:00:01Z", 3),
        ("2030-01-01", 4),
        ("newest", 4),
        ("6 days ago", 3),
    ],
)
def test_a_version_is_found_by_each_kind_of_name(catalog: Catalog, text: str, version: int) -> None:
    """A time means the version that was the newest one then; the future means the newest."""
    assert asyncio.run(catalog[0].execute(text)).version == version


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9", "The newest one is 4"),
        ("0", "The newest one is 4"),
        ("1", "It was pruned; the oldest one that is kept is 2"),
        ("01PRUNED00", "It was pruned"),
        ("01AAAA", "2 runs begin so"),
        ("01CCC", "at least 6 characters"),
        ("01NOBODY", "No version or run named '01NOBODY'"),
        ("01FAILED00", "failed and made no version"),
        ("2026-01-02T12:00", "Version 1 was current then and is pruned"),
        ("2025-12-31", "The oldest one that is kept is version 2 of 2026-01-03 00:00:00Z"),
    ],
)
def test_what_is_not_there_is_explained(catalog: Catalog, text: str, words: str) -> None:
    """Unknown, pruned, failed, too early, ambiguous: each in its own words."""
    with pytest.raises(NotFoundError) as caught:
        asyncio.run(catalog[0].execute(text))
    assert words in str(caught.value)


def test_before_the_first_version_its_time_is_told(catalog: Catalog) -> None:
    """Where none was pruned, it is the first one."""
    catalog[2].gone = []
    with pytest.raises(NotFoundError, match="The first one is version 2 of 2026-01-03"):
        asyncio.run(catalog[0].execute("2025-12-31"))


def test_an_empty_catalog_says_so() -> None:
    """Whatever is asked."""
    log = FakeManifestLog()
    resolve = ResolveVersion(
        manifests=log, history=FakeVersionHistory(log), runs=FakeRunLog(), clock=FakeClock()
    )
    with pytest.raises(NotFoundError, match="Nothing is published yet"):
        asyncio.run(resolve.execute("yesterday"))
