"""A version in a line."""

from datetime import UTC, datetime

import pytest

from domain.manifest import Manifest, next_manifest
from domain.snapshots import Snapshot, missing_version, snapshot_of
from tests.contracts.manifest_log_contract import publication

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_a_snapshot_tells_what_its_own_run_brought() -> None:
    """Not what was there before, of other targets or of the same table."""
    first = next_manifest(Manifest(), [publication("A", "one", rows=5)], AT)
    second = next_manifest(first, [publication("B", "two", rows=7)], AT)

    assert snapshot_of(second) == Snapshot(2, AT, "B", "test", "two", ("test.items",), 7, 10)


def test_a_snapshot_of_several_runs_adds_them_up() -> None:
    """Their targets differ, so it names none of them."""
    before = next_manifest(Manifest(), [publication("A", "one", rows=5)], AT)
    both = [publication("B", "two", rows=7), publication("C", "three", rows=8)]
    found = snapshot_of(next_manifest(before, both, AT))

    assert found == Snapshot(2, AT, "B", "test", "", ("test.items",), 15, 20, ("C",))
    assert found.runs == ("B", "C")


def test_a_version_without_rows_of_its_run_is_told_too() -> None:
    """A manifest that somebody made by hand hides no other."""
    found = snapshot_of(Manifest(4, None, "X"))

    assert (found.version, found.domain, found.target, found.rows) == (4, "", "", 0)
    assert found.committed_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("version", "kept", "words"),
    [
        (1, [], "Nothing is published yet"),
        (3, [5, 6], "It was pruned; the oldest one that is kept is 5"),
        (7, [5, 6], "The newest one is 6"),
        (0, [5, 6], "The newest one is 6"),
    ],
)
def test_a_missing_version_is_explained(version: int, kept: list[int], words: str) -> None:
    """Never there, not there yet, or not there any more."""
    assert words in str(missing_version(version, kept))
