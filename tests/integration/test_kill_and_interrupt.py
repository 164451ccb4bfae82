"""Killed and interrupted ingests: what is published is always a complete version."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.assert_consistent import assert_consistent

ITEMS = 400
OPTIONS = SandboxOptions(items=ITEMS, latency_ms=5)
_MARKS = (
    "_staging/*/*.arrows",
    "_staging/*/checkpoint.json",
    "_staging/*/sealed-*",
    "lake/*/*/*/run=*",
    "_catalog/v/0*.json",
)
_A_MOMENT = 0.3  # seconds
_PATIENCE = 60.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(OPTIONS) as base_url:
        yield base_url


@pytest.fixture
def app(tmp_path: Path, sandbox: str) -> AppProcess:
    return AppProcess(tmp_path, sandbox)


def _assert_complete(app: AppProcess, options: SandboxOptions = OPTIONS) -> None:
    """NFTs and traits are of one run and add up, in the catalog and in the published files."""
    expected = expected_counts(options, "dxterminal")
    counts = app.rows(
        "select (select count(*) from nfts) as nfts, (select count(*) from traits) as traits, "
        "(select count(distinct _run_id) from (select _run_id from nfts union all "
        "select _run_id from traits)) as runs"
    )
    assert counts == [{"nfts": expected["nfts"], "traits": expected["traits"], "runs": 1}]


def _wait_for(
    process: subprocess.Popen[bytes], path: Path, pattern: str, deadline: float = 20
) -> None:
    until = time.monotonic() + deadline
    while not list(path.glob(pattern)):
        assert time.monotonic() < until, f"{pattern} never appeared"
        assert process.poll() is None, "the process ended early"
        time.sleep(0.01)


def _phase(app: AppProcess) -> str:
    """How far a run has come that was just killed, as its files tell."""
    areas = [path for path in (app.data_dir / "_staging").glob("*") if path.is_dir()]
    if not areas:
        return "before or after"
    names = {path.name for path in areas[0].iterdir()}
    if any(name.startswith("sealed-") for name in names) or any(
        app.data_dir.glob(f"lake/*/*/*/run={areas[0].name}")
    ):
        return "sealing"
    return "fetching, with a checkpoint" if "checkpoint.json" in names else "fetching"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_kills_never_leave_half_a_version(tmp_path: Path, kills: int) -> None:
    """After each `kill -9` all is consistent; runs go on where they stood; the rows are right."""
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    options = SandboxOptions(items=1_500)
    with running_sandbox(options) as base_url:
        app = AppProcess(tmp_path, base_url)
        phases = _kill(app, kills, random.Random(seed))
        sys.stdout.write(f"{dict(phases)}\n")
        app.ingest("dxterminal", "--full-refresh")
        assert_consistent(app.data_dir, settled=True)
        _assert_complete(app, options)
        states = app.rows("select state, count(*) as n from meta.runs group by all")

    assert {"sealing", "before or after"} & set(phases), phases
    assert "fetching, with a checkpoint" in phases
    assert {row["state"] for row in states} <= {"succeeded", "interrupted", "partial"}


def _kill(app: AppProcess, kills: int, chance: random.Random) -> Counter[str]:
    """Kill so many ingests, each a moment after something that its files show.

    Every third takes what it can from the runs before it, and has nothing new to publish.
    """
    phases: Counter[str] = Counter()
    for turn in count():
        if phases.total() >= kills:
            return phases
        mark = _MARKS[phases.total() % len(_MARKS)]
        before = {path for mark in _MARKS for path in app.data_dir.glob(mark)}
        anew = ["--full-refresh"] if turn % 3 else []
        process = app.start("ingest", "nft", "dxterminal", *anew, "--json")
        _wait_for(process, app.data_dir, "_staging/*/alive")
        if _came(process, app.data_dir, mark, before):
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.0, _A_MOMENT))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            phases[_phase(app)] += 1
        process.communicate()
        assert_consistent(app.data_dir)
    raise AssertionError


def _came(process: subprocess.Popen[bytes], root: Path, mark: str, before: set[Path]) -> bool:
    """Whether a file that was not there before came while the process lived."""
    until = time.monotonic() + _PATIENCE
    while process.poll() is None:
        if set(root.glob(mark)) - before:
            return True
        assert time.monotonic() < until, f"{mark} never came"
        time.sleep(0.001)
    return False


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_ingest_says_what_was_kept(
    app: AppProcess, sent: signal.Signals, code: int
) -> None:
    """Ctrl-C and SIGTERM end a run cleanly: nothing half-written, and words about it."""
    process = app.start("ingest", "nft", "dxterminal")
    _wait_for(process, app.data_dir, "_staging/*")
    process.send_signal(sent)
    process.communicate(timeout=20)
    said = (app.home / "stderr.txt").read_text()

    assert process.returncode == code, said
    assert "Traceback" not in said
    assert "published" in said
    assert "app ingest nft dxterminal" in said
    assert [row["state"] for row in app.rows("select state from meta.runs")] == ["interrupted"]
    assert_consistent(app.data_dir)
    app.ingest("dxterminal")
    assert_consistent(app.data_dir, settled=True)
    _assert_complete(app)


@pytest.fixture
def slow_app(tmp_path: Path) -> Iterator[AppProcess]:
    """An upstream that needs half a second for each answer."""
    with running_sandbox(SandboxOptions(items=ITEMS, latency_ms=500)) as base_url:
        yield AppProcess(tmp_path, base_url)


def test_a_killed_run_is_not_said_to_run(slow_app: AppProcess) -> None:
    """`app runs` says so at once, not only when the next ingest has put it in order."""
    process = slow_app.start("ingest", "nft", "dxterminal")
    _wait_for(process, slow_app.data_dir, "_staging/*/alive")
    _wait_for(process, slow_app.data_dir, "_catalog/runs/*.json")
    (alive,) = json.loads(slow_app.run("runs", "--json").stdout)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (dead,) = json.loads(slow_app.run("runs", "--json").stdout)

    assert (alive["state"], dead["state"]) == ("running", "interrupted")
    assert dead["error"] == "killed before the end"


def test_a_second_ingest_of_the_same_target_is_told_to_wait(slow_app: AppProcess) -> None:
    """Exit 8 with the holder's process id; another target is not held up."""
    app = slow_app
    first = app.start("ingest", "nft", "dxterminal")
    _wait_for(first, app.data_dir, "_catalog/locks/*")
    _wait_for(first, app.data_dir, "_staging/*")
    second = app.run("ingest", "nft", "dxterminal")
    other = app.run("ingest", "nft", "two-contracts")
    first.communicate(timeout=40)

    assert second.returncode == 8, second.stderr.decode()
    assert str(first.pid).encode() in second.stderr
    assert other.returncode == 0, other.stderr.decode()
    assert first.returncode == 0
    _assert_complete_collections(app, {"dxterminal", "two-contracts"})


def _assert_complete_collections(app: AppProcess, names: set[str]) -> None:
    assert {row["c"] for row in app.rows("select distinct collection as c from nfts")} == names
