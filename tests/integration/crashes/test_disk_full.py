"""A data folder on a file system of 2 MB that has no room left."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.assert_consistent import assert_consistent

_ROOM = 2 << 20  # bytes
_MORE_ROOM = 32 << 20
_COUNTS = "select (select count(*) from nfts) as nfts, (select count(*) from traits) as traits"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[AppProcess]:
    home = tmp_path / "home"
    folder = home / "output"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        with running_sandbox(SandboxOptions(items=300)) as base_url:
            yield AppProcess(home, base_url)
    finally:
        subprocess.run(["umount", folder], check=True)


def _fill(folder: Path, left: int) -> Path:
    """A file that takes all the room but some."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(file.tell() - left)
    return ballast


@pytest.mark.parametrize("left", [0, 16 << 10, 64 << 10, 128 << 10])
def test_a_full_disk_ends_the_run_and_nothing_else(app: AppProcess, left: int) -> None:
    """Exit 1 and what to do; the old version stays whole; with room, the same command succeeds."""
    app.ingest("dxterminal", "--limit", "20")
    before = app.rows(_COUNTS)
    ballast = _fill(app.data_dir, left)
    command = ("ingest", "nft", "dxterminal", "--json")
    full = app.run(*command)

    assert full.returncode == 1, full.stderr.decode()
    assert b"free space and run the command again" in full.stderr
    assert b"Traceback" not in full.stderr
    assert app.rows(_COUNTS) == before
    assert_consistent(app.data_dir)

    ballast.unlink()
    room = f"remount,size={_MORE_ROOM}"
    subprocess.run(["mount", "-o", room, app.data_dir], check=True)
    done = app.run(*command)
    assert done.returncode == 0, done.stderr.decode()
    assert_consistent(app.data_dir, settled=True)
    assert app.rows(_COUNTS)[0]["nfts"] == 300
