"""Any order of ingests, faults, changes upstream and damage, against a dict that says what is."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.assert_consistent import assert_consistent
from tests.support.simulated_world import Fault, World


class EngineMachine(RuleBasedStateMachine):
    """The model is `World.published`: what the last run that made a version saw upstream.

    Rules that cannot apply pass: at which call a disk fails is not quite the same in two runs, so
    that what is there afterwards must not decide which rules there are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._home = tempfile.TemporaryDirectory()
        self.world = World(Path(self._home.name), random.Random(7), items=45)

    def teardown(self) -> None:
        self.world.settle()
        self._home.cleanup()

    @rule()
    def ingest(self) -> None:
        """Undisturbed: what is upstream is published."""
        assert self.world.ingest() is not None

    @rule(
        kind=st.sampled_from(["network", "stop", "full disk", "broken disk", "crash"]),
        at=st.integers(1, 110),
        resume=st.booleans(),
    )
    def ingest_with_a_fault(self, kind: str, at: int, *, resume: bool) -> None:
        """It may end or not; the old version or the new one is there."""
        self.world.ingest(Fault(kind, at), resume=resume)

    @rule()
    def change(self) -> None:
        """Something moves upstream; not while half of it is staged, which may then be published."""
        if not self.can_resume:
            self.world.change()

    @rule(
        name=st.sampled_from(["catalog.duckdb", "things_items.parquet", "things_details.parquet"]),
        content=st.sampled_from([None, b"", b"garbage"]),
    )
    def damage_a_derived_file(self, name: str, content: bytes | None) -> None:
        """It is gone, or another one is in its place; the next ingest makes it again."""
        if self.world.published is None:
            return
        path = self.world.root / name
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert self.world.ingest() is not None
        assert self.world.rows() == self.world.expected()

    @rule(length=st.integers(0, 200))
    def damage_what_is_staged(self, length: int) -> None:
        """Cut off: the run begins anew."""
        for path in self.world.root.glob("_staging/*/*.arrows"):
            self.world.damaged.add(path.parent.name)
            path.write_bytes(path.read_bytes()[:length])

    @rule(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
    def damage_a_checkpoint(self, place: float, bit: int) -> None:
        """A bit flips: the run begins anew, whatever the checkpoint seems to say now."""
        for path in self.world.root.glob("_staging/*/checkpoint.json"):
            self.world.damaged.add(path.parent.name)
            content = bytearray(path.read_bytes())
            content[int(place * len(content))] ^= 1 << bit
            path.write_bytes(content)

    @rule()
    def query(self) -> None:
        """The newest version says what the last run that made one saw."""
        assert self.world.queried() == self.world.expected()

    @rule(up=st.booleans())
    def redis(self, *, up: bool) -> None:
        """It dies, or comes back; runs go on either way."""
        self.world.redis.connected = up

    @invariant()
    def the_folder_is_consistent(self) -> None:
        """After every step."""
        assert_consistent(self.world.root, damaged=self.world.damaged)

    @property
    def can_resume(self) -> bool:
        """A checkpoint waits."""
        return any(self.world.root.glob("_staging/*/checkpoint.json"))


class _AtLength(EngineMachine):
    """The same in many long stories."""


TestEngineMachine = EngineMachine.TestCase
TestEngineMachine.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)

TestEngineMachineAtLength = pytest.mark.slow(pytest.mark.timeout(900)(_AtLength.TestCase))
TestEngineMachineAtLength.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None
)
