"""Many targets in one command: committed together, killed and continued, stopped, planned."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.assert_consistent import assert_consistent

TARGETS = 60
NAMES = [f"M{number:04}USDT" for number in range(1, TARGETS + 1)]
COMMAND = ("ingest", "crypto", *NAMES, "-p", "interval=1w")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=1, latency_ms=20, pairs=TARGETS)) as base_url:
        yield base_url


@pytest.fixture
def app(tmp_path: Path, sandbox: str) -> AppProcess:
    return AppProcess(tmp_path, sandbox, {"APP_SOURCES__BINANCE__BASE_URL": sandbox})


def summaries(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def wait_for(process: subprocess.Popen[bytes], app: AppProcess, pattern: str, count: int) -> None:
    """Until so many files are there; the process may not end before."""
    until = time.monotonic() + 30
    while len(list(app.data_dir.glob(pattern))) < count:
        assert time.monotonic() < until, f"{pattern} never appeared"
        assert process.poll() is None, "the process ended early"
        time.sleep(0.01)


def versions(app: AppProcess) -> list[dict[str, Any]]:
    paths = sorted((app.data_dir / "_catalog" / "v").glob("*.json"))
    return [json.loads(path.read_bytes()) for path in paths]


def assert_all_there(app: AppProcess) -> None:
    rows = app.rows(
        "select count(*) as n, count(distinct (symbol, open_time)) as keys,"
        " count(distinct symbol) as symbols, count(distinct n) as lengths"
        " from candles join (select symbol, count(*) as n from candles group by all)"
        " using (symbol)"
    )
    (row,) = rows
    assert (row["symbols"], row["lengths"]) == (TARGETS, 1)
    assert row["n"] == row["keys"]


def test_many_targets_make_few_versions(app: AppProcess) -> None:
    """Each is a run with its own balance; what is said about them stays short."""
    done = app.run(*COMMAND, "--json")
    assert done.returncode == 0, done.stderr.decode()
    found = summaries(done)
    said = [line for line in done.stderr.decode().splitlines() if not line.startswith("{")]

    assert {each["state"] for each in found} == {"succeeded"}
    assert sorted(each["target"] for each in found) == NAMES
    assert all(each["requests"] == 1 for each in found)
    assert all(each["rows"]["crypto.candles"]["published"] > 100 for each in found)
    assert said == [f"{TARGETS} targets; {TARGETS} up to date"]
    assert sum(len(each.get("further_runs", ())) + 1 for each in versions(app)) == TARGETS
    assert len(versions(app)) < TARGETS // 10
    assert_consistent(app.data_dir, settled=True)
    assert_all_there(app)
    assert app.rows("select count(*) as n from meta.checks where passed") == [{"n": TARGETS}]
    again = app.run(*COMMAND, "--json")
    assert all(each["requests"] == 1 for each in summaries(again))
    assert_consistent(app.data_dir, settled=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_killed_in_the_middle_the_same_command_goes_on(app: AppProcess, kills: int) -> None:
    """Nothing is lost or doubled; what was done or fetched is not asked for again in full."""
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    for _ in range(kills):
        process = app.start(*COMMAND)
        until = time.monotonic() + 20
        while not any((app.data_dir / "_staging").glob("*/alive")):
            assert time.monotonic() < until, "no run ever began"
            if process.poll() is not None:
                break
            time.sleep(0.01)
        try:
            process.wait(chance.uniform(0.0, 2.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        assert_consistent(app.data_dir)
    # A kill right after a commit leaves checkpoints of runs that are published already.
    manifests = (app.data_dir / "_catalog" / "v").glob("*.json")
    published = "".join(path.read_text(errors="replace") for path in manifests)
    checkpoints = (app.data_dir / "_staging").glob("*/checkpoint.json")
    kept = sum(path.parent.name not in published for path in checkpoints)
    done = app.run(*COMMAND, "--json")
    assert done.returncode == 0, done.stderr.decode()
    found = summaries(done)

    assert {each["state"] for each in found} == {"succeeded"}
    assert sum(each["attempts"] > 1 for each in found) == kept
    assert_consistent(app.data_dir, settled=True)
    assert_all_there(app)


def test_what_is_fetched_and_not_committed_is_not_asked_again(
    tmp_path: Path,
) -> None:
    """Killed while the last target holds up the commit; the others go on without a request."""
    with running_sandbox(SandboxOptions(items=1, latency_ms=400, pairs=TARGETS)) as base_url:
        app = AppProcess(tmp_path, base_url, {"APP_SOURCES__BINANCE__BASE_URL": base_url})
        process = app.start(*COMMAND)
        wait_for(process, app, "_staging/*/checkpoint.json", TARGETS // 2)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert versions(app) == []
        assert_consistent(app.data_dir)
        kept = len(list(app.data_dir.glob("_staging/*/checkpoint.json")))
        done = app.run(*COMMAND, "--json")

    assert done.returncode == 0, done.stderr.decode()
    found = summaries(done)
    continued = [each for each in found if each["attempts"] > 1]
    assert len(continued) == kept
    # Its one request is the first attempt's; statistics are added up over attempts.
    assert {each["requests"] for each in found} == {1}
    assert_consistent(app.data_dir, settled=True)


def test_ctrl_c_publishes_what_is_complete(tmp_path: Path) -> None:
    """The rest leaves checkpoints, and the same command goes on."""
    with running_sandbox(SandboxOptions(items=1, latency_ms=200, pairs=TARGETS)) as base_url:
        app = AppProcess(tmp_path, base_url, {"APP_SOURCES__BINANCE__BASE_URL": base_url})
        process = app.start(*COMMAND)
        wait_for(process, app, "lake/*/*/*/run=*/*.parquet", TARGETS // 4)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        said = (app.home / "stderr.txt").read_text()
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert "What was complete is published" in said
        assert_consistent(app.data_dir, settled=True)
        (manifest,) = versions(app)
        published = len(manifest["tables"]["crypto.candles"]["datasets"])
        assert 0 < published < TARGETS
        assert re.search(rf"{published} up to date; {TARGETS - published} not done", said)
        done = app.run(*COMMAND)

    assert done.returncode == 0, done.stderr.decode()
    assert_consistent(app.data_dir, settled=True)
    assert_all_there(app)


def test_a_dry_run_of_many_targets_asks_nobody(tmp_path: Path) -> None:
    """It tells how many requests there will be at least, and how long these take."""
    app = AppProcess(tmp_path)  # nothing answers at its address
    names = [f"T{number:05}" for number in range(10_000)]
    Path(tmp_path, "app.toml").write_text(f"[lists]\nall = {json.dumps(names)}\n")
    done = app.run("ingest", "crypto", "@all", "wrong-name", "--dry-run", "--json")

    assert done.returncode == 2, done.stderr.decode()
    plan = json.loads(done.stdout)
    assert plan["targets"] == {"binance": 10_000}
    assert plan["requests"] == 10_000
    assert plan["seconds"] == 180.0  # 20,000 of weight, 6,000 a minute
    assert list(plan["refused"]) == ["wrong-name"]
    assert not (app.data_dir / "_catalog" / "runs").exists()
