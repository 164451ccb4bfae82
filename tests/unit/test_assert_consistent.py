"""The judge of data folders finds each kind of damage."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.assert_consistent import assert_consistent
from tests.support.simulated_world import World


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two versions."""
    world = World(tmp_path_factory.mktemp("world"), random.Random(1), items=10)
    world.settle()
    world.change()
    world.settle()
    return world.root


def _lake_file(root: Path) -> Path:
    return max(root.glob("lake/test/items/*/*/part-00000.parquet"))


def _rewrite(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    value = json.loads(path.read_bytes())
    change(value)
    path.unlink()
    path.write_text(json.dumps(value))


def _flip_a_byte(root: Path) -> None:
    path = _lake_file(root)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


def _lose_a_file(root: Path) -> None:
    _lake_file(root).unlink()


def _lose_a_version(root: Path) -> None:
    (root / "_catalog/v/00000001.json").unlink()


def _misname_a_version(root: Path) -> None:
    _rewrite(root / "_catalog/v/00000002.json", lambda value: value.update(version=7))


def _leave_a_stray(root: Path) -> None:
    (root / "lake/test/items/target=things/run=NOBODY").mkdir()


def _unbalance_a_run(root: Path) -> None:
    def change(value: dict[str, object]) -> None:
        value["tables"]["test.items"]["fetched"] += 1  # type: ignore[index]  # of this shape

    _rewrite(root / "_catalog/runs/RUN1.json", change)


def _call_a_run_failed(root: Path) -> None:
    _rewrite(root / "_catalog/runs/RUN1.json", lambda value: value.update(state="failed"))


def _lose_a_run(root: Path) -> None:
    (root / "_catalog/runs/RUN1.json").unlink()


def _call_a_run_published(root: Path) -> None:
    def change(value: dict[str, object]) -> None:
        value.update(run_id="RUN9", unchanged=False)

    shutil.copy(root / "_catalog/runs/RUN1.json", root / "_catalog/runs/RUN9.json")
    _rewrite(root / "_catalog/runs/RUN9.json", change)


def _publish_something_else(root: Path) -> None:
    (root / "things_items.parquet").unlink()
    shutil.copy(root / "things_details.parquet", root / "things_items.parquet")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_flip_a_byte, "SHA-256"),
        (_lose_a_file, "not there"),
        (_lose_a_version, "gaps"),
        (_misname_a_version, "calls itself"),
        (_leave_a_stray, "belongs to nobody"),
        (_unbalance_a_run, "does not add up"),
        (_call_a_run_failed, "made a version"),
        (_lose_a_run, "does not know"),
        (_call_a_run_published, "did not"),
        (_publish_something_else, "of no version"),
    ],
)
def test_damage_is_found(
    published: Path, tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    """Of whatever kind; before it nothing is found."""
    root = tmp_path / "folder"
    shutil.copytree(published, root)
    assert_consistent(root, settled=True)
    damage(root)

    with pytest.raises(AssertionError, match=words):
        assert_consistent(root)


def _leave_an_area(root: Path) -> None:
    (root / "_staging/RUN8").mkdir()


def _leave_a_run_running(root: Path) -> None:
    _rewrite(root / "_catalog/runs/RUN1.json", lambda value: value.update(state="running"))


def _take_a_published_file_away(root: Path) -> None:
    (root / "things_items.parquet").unlink()


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (_leave_an_area, "left behind"),
        (_leave_a_run_running, "still says running"),
        (_take_a_published_file_away, "not published"),
    ],
)
def test_what_a_kill_may_leave_is_no_damage_until_all_is_settled(
    published: Path, tmp_path: Path, left: Callable[[Path], None], words: str
) -> None:
    """The next run puts it in order."""
    root = tmp_path / "folder"
    shutil.copytree(published, root)
    left(root)

    assert_consistent(root)
    with pytest.raises(AssertionError, match=words):
        assert_consistent(root, settled=True)
