"""What every store of checkpoints keeps to."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.checkpoints import Checkpoints
from domain.checkpoint import Checkpoint, Plan, WalkState
from domain.requests import CacheMode, CachePolicy, Request, Trust
from domain.staged_rows import StagedFile, StagedTable
from tests.support.sample_runs import sample_run

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PENDING = Request(
    kind="metadata",
    url="https://data.test/1?a=%20b",
    params=(("a", "b"), ("a", "")),
    trust=Trust.UNTRUSTED,
    context={"nft": ["ä", None, 10**30, 1.5, False], "deep": {"a": [[]]}},
    cache=CachePolicy(CacheMode.KEEP, 7),
    identity="ipfs:x",
    method="POST",
    content=b"\x00\xff",
    headers=(("range", "bytes=0-1"),),
    repeatable=True,
    weight=3,
)


def sample_checkpoint(run_id: str = "RUN1", at: datetime = AT) -> Checkpoint:
    """One with something in every member."""
    return Checkpoint(
        run=replace(sample_run(run_id), items=3, attempts=2, failures={"gone": 1}),
        plan=Plan("series", "asked", "made by"),
        at=at,
        walk=WalkState(
            pending=(PENDING, Request(kind="page", url="/things/1", expands=True)),
            items=3,
            total=9,
            pages=1,
            failures={"gone": 1},
            notes=("a note",),
            tallies={"things": 2},
            deferred=({"id": "a", "nested": [1, None]},),
            gathered=4,
            complete_until=AT,
        ),
        tables={
            "items": StagedTable(3, StagedFile("items.arrows", 2, 100, "ab"), StagedFile()),
            "details": StagedTable(),
        },
    )


class CheckpointsContract:
    """Subclasses give `checkpoints`, over staging areas of RUN1 and RUN2."""

    @pytest.fixture
    def checkpoints(self) -> Checkpoints:
        raise NotImplementedError

    def test_nothing_is_there_at_first(self, checkpoints: Checkpoints) -> None:
        """No run was stopped."""
        assert list(asyncio.run(checkpoints.all())) == []

    def test_what_was_saved_comes_back_whole(self, checkpoints: Checkpoints) -> None:
        """Every member, with its type."""
        asyncio.run(checkpoints.save(sample_checkpoint()))

        assert list(asyncio.run(checkpoints.all())) == [sample_checkpoint()]

    def test_a_run_has_one_checkpoint_and_the_newest_comes_first(
        self, checkpoints: Checkpoints
    ) -> None:
        """The later takes the place of the earlier."""
        later = AT + timedelta(seconds=30)

        async def story() -> list[Checkpoint]:
            await checkpoints.save(sample_checkpoint("RUN1"))
            await checkpoints.save(sample_checkpoint("RUN2", later))
            await checkpoints.save(sample_checkpoint("RUN1", AT + timedelta(seconds=1)))
            return list(await checkpoints.all())

        found = asyncio.run(story())
        assert [each.run.run_id for each in found] == ["RUN2", "RUN1"]
        assert found[1].at == AT + timedelta(seconds=1)
