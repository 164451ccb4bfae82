"""A result file appears whole, and what a kill left of an earlier one goes."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from entrypoints.cli.result_file import replacing

_WRITE_FOR_EVER = """
import sys, time
from pathlib import Path
from entrypoints.cli.result_file import replacing
with replacing(Path(sys.argv[1])) as sink:
    sink.write(b"half")
    sink.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


def _write(target: Path) -> None:
    with replacing(target) as sink:
        sink.write(b"whole")


def test_the_draft_of_a_killed_export_is_swept_by_the_next(tmp_path: Path) -> None:
    """Not while it is being written, and nothing else beside it."""
    target = tmp_path / "traits.csv"
    others = (".traits.csv.notes.part", ".other.csv.1.part", "traits.csv.part")
    for name in others:
        (tmp_path / name).touch()
    with subprocess.Popen(
        [sys.executable, "-c", _WRITE_FOR_EVER, target], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        draft = tmp_path / f".traits.csv.{process.pid}.part"
        _write(target)
        assert draft.read_bytes() == b"half"
        process.send_signal(signal.SIGKILL)
    _write(target)

    assert target.read_bytes() == b"whole"
    assert {each.name for each in tmp_path.iterdir()} == {target.name, *others}


def test_a_draft_of_another_machine_is_left_while_it_is_held(tmp_path: Path) -> None:
    """Its process is none of this one's."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    draft = tmp_path / f".traits.csv.{gone.pid}.part"
    draft.touch()
    descriptor = os.open(draft, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    _write(tmp_path / "traits.csv")
    assert draft.exists()
    os.close(descriptor)
    _write(tmp_path / "traits.csv")
    assert not draft.exists()
