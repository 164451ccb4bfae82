"""Killed and interrupted ingests: what is published is always a complete version."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox
from tests.support.app_process import AppProcess

ITEMS = 400
OPTIONS = SandboxOptions(items=ITEMS, latency_ms=5)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(OPTIONS) as base_url:
        yield base_url


@pytest.fixture
def app(tmp_path: Path, sandbox: str) -> AppProcess:
    return AppProcess(tmp_path, sandbox)


def _assert_complete(app: AppProcess) -> None:
    """NFTs and traits are of one run and add up, in the catalog and in the published files."""
    expected = expected_counts(OPTIONS, "dxterminal")
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_never_leave_half_a_version(app: AppProcess, kills: int) -> None:
    """After each `kill -9` the old version is whole, and at the end the next run succeeds."""
    started = time.monotonic()
    app.ingest("dxterminal")
    length = time.monotonic() - started
    chance = random.Random(20260102)
    killed = 0
    for _ in range(kills):
        process = app.start("ingest", "nft", "dxterminal", "--full-refresh")
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.05, 0.7 * length))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        _assert_complete(app)

    assert killed >= kills // 2
    app.ingest("dxterminal")
    _assert_complete(app)
    assert list((app.data_dir / "_staging").glob("*")) == []
    published = pq.read_table(app.data_dir / "dxterminal_nfts.parquet", columns=["_run_id"])
    assert {published.column(0)[0].as_py()} == {
        row["_run_id"] for row in app.rows("select distinct _run_id from nfts")
    }
    states = app.rows("select state, count(*) as n from meta.runs group by all")
    assert {row["state"] for row in states} <= {"succeeded", "interrupted", "partial"}


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
    assert list((app.data_dir / "_staging").glob("*")) == []
    assert [row["state"] for row in app.rows("select state from meta.runs")] == ["interrupted"]
    app.ingest("dxterminal")
    _assert_complete(app)


@pytest.fixture
def slow_app(tmp_path: Path) -> Iterator[AppProcess]:
    """An upstream that needs half a second for each answer."""
    with running_sandbox(SandboxOptions(items=ITEMS, latency_ms=500)) as base_url:
        yield AppProcess(tmp_path, base_url)


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


def test_queries_during_ingests_always_see_a_whole_version(app: AppProcess) -> None:
    """While versions are replaced, each query answers, and NFTs and traits agree."""
    app.ingest("dxterminal")
    writer = app.start("ingest", "nft", "dxterminal", "--full-refresh")
    asked = 0
    while writer.poll() is None:
        _assert_complete(app)
        asked += 1
    writer.communicate()

    assert writer.returncode == 0
    assert asked >= 1
