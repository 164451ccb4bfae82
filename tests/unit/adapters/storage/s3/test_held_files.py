"""Files that somebody reads."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.storage.s3 import held_files
from adapters.storage.s3.held_files import HeldFiles
from domain.errors import StorageError

ROOT = Path(__file__).parents[5]
_HOLD = """
import sys, time
from pathlib import Path
from adapters.storage.s3.held_files import HeldFiles
with HeldFiles(Path(sys.argv[1]), Path(sys.argv[2])).hold(["of the other"]):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path: Path) -> HeldFiles:
    return HeldFiles(tmp_path / "held", tmp_path / "locks" / "lock")


def names(held: HeldFiles) -> set[str]:
    with held.alone():
        return held.names()


def test_names_are_held_for_the_length_of_the_context(held: HeldFiles, tmp_path: Path) -> None:
    """By as many as like, whatever ends it."""
    with held.hold(["a", "b"]):
        with suppress(ValueError), held.hold(["b", "c"]):
            assert names(held) == {"a", "b", "c"}
            raise ValueError
        assert names(held) == {"a", "b"}
    assert names(held) == set()
    assert not list((tmp_path / "held").iterdir())


def test_a_process_that_is_killed_holds_nothing(held: HeldFiles, tmp_path: Path) -> None:
    """What it wrote down is removed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "held"), str(tmp_path / "locks" / "lock")],
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    assert names(held) == {"of the other"}

    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    assert names(held) == set()
    assert not list((tmp_path / "held").iterdir())


def test_nobody_waits_for_ever(held: HeldFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever removes files."""
    monkeypatch.setattr(held_files, "_PATIENCE", 0.02)

    with held.alone(), pytest.raises(StorageError, match="for too long"), held.hold(["a"]):
        pytest.fail("the lock is held")
