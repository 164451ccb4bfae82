"""Several writers of one store, and writers that are killed: what is there is always whole."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.assert_store_consistent import assert_store_consistent, downloaded
from tests.support.s3_server import Bucket, bucket, s3_endpoint
from tests.support.store_writer import KILLED, write_once

__all__ = ["bucket", "s3_endpoint"]

pytestmark = pytest.mark.external_service

ROOT = Path(__file__).parents[2]


def start(bucket: Bucket, home: Path, target: str, rounds: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.support.store_writer"),
            *(bucket.endpoint, bucket.name, str(home), target, str(rounds)),
        ],
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}"},
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


def ended(writer: "subprocess.Popen[bytes]") -> int:
    """Its exit code, once it has ended by itself or was killed."""
    writer.communicate(timeout=50)
    return writer.returncode


def test_two_processes_commit_side_by_side_and_lose_nothing(bucket: Bucket, tmp_path: Path) -> None:
    """Twenty versions of each target, one after another, every one of its own run."""
    rounds = 20
    writers = [start(bucket, tmp_path / name, name, rounds) for name in ("one", "two")]

    assert [ended(each) for each in writers] == [0, 0]
    keys = downloaded(bucket, tmp_path / "seen")
    versions = sorted(key for key in keys if key.startswith("_catalog/v/"))
    assert versions == [f"_catalog/v/{n:08}.json" for n in range(1, 2 * rounds + 1)]
    made = [json.loads((tmp_path / "seen" / key).read_bytes())["run_id"] for key in versions]
    assert len(set(made)) == 2 * rounds
    assert {name.partition("N")[0] for name in made} == {f"P{each.pid}" for each in writers}
    assert_store_consistent(bucket, tmp_path / "scratch", settled=True, figures=False)
    assert not [key for key in keys if key.startswith(("_staging/", "_catalog/locks/"))]


def test_a_killed_writer_is_mended_by_the_next_run(bucket: Bucket, tmp_path: Path) -> None:
    """Killed at random moments, on one machine: no half version, and in the end no strays."""
    chance = random.Random()
    home = tmp_path / "home"
    for _ in range(8):
        writer = start(bucket, home, "things", 100)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.6))
        writer.send_signal(signal.SIGKILL)
        assert ended(writer) == -signal.SIGKILL
        assert_store_consistent(bucket, tmp_path / "scratch", figures=False)

    for _ in range(2):  # the first one voids what it finds, its own version decides it
        assert ended(start(bucket, home, "things", 1)) == 0
    assert_store_consistent(bucket, tmp_path / "scratch", settled=True, figures=False)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_a_writer_killed_at_its_requests_is_mended(
    bucket: Bucket, tmp_path: Path, step: int
) -> None:
    """Before, among and after the uploads, the conditional write and the copies."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.support.store_writer"])
    home, scratch = tmp_path / "home", tmp_path / "scratch"

    def run(kill_at: int) -> int | None:
        process = processes.Process(target=write_once, args=(bucket, home, kill_at))
        process.start()
        process.join(30)
        return process.exitcode

    points = 0
    while run(points * step + 1) == KILLED:
        points += 1
        assert_store_consistent(bucket, scratch, figures=False)
        if points % 8 == 0:
            assert [run(0), run(0)] == [0, 0]
            assert_store_consistent(bucket, scratch, settled=True, figures=False)
    assert points * step > 20
    assert run(0) == 0
    assert_store_consistent(bucket, scratch, settled=True, figures=False)
