"""A prune that dies: at each system call in turn, and by SIGKILL at any moment."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from domain.manifest import Manifest
from domain.retention import Retention
from domain.runs import Run
from tests.fakes.fake_clock import FakeClock
from tests.support.assert_consistent import assert_consistent
from tests.support.catalog_history import CatalogHistory
from tests.support.faulty_disk import FaultyDisk

ROOT = Path(__file__).parents[3]
KILLS = 8


class CrashError(Exception):
    """The process is gone."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> CatalogHistory:
    """Five versions, a day apart; not to be changed."""
    catalog = CatalogHistory(tmp_path_factory.mktemp("template") / "output", build=_no_catalog)
    catalog.grow(5)
    return catalog


def _copy(template: CatalogHistory, root: Path) -> CatalogHistory:
    shutil.copytree(template.root, root)
    return CatalogHistory(root, FakeClock(template.clock.now()), _no_catalog)


def _no_catalog(manifest: Manifest, _runs: Sequence[Run], path: Path) -> None:
    """In place of `catalog.duckdb`, which is tested elsewhere and takes its time."""
    path.write_text(str(manifest.version))


def _finish(root: Path, template: CatalogHistory, retention: Retention) -> None:
    """What a death has left is consistent, and the next prune ends what it began."""
    catalog = CatalogHistory(root, FakeClock(template.clock.now()), _no_catalog)
    assert_consistent(root)
    assert not catalog.verified().damages
    asyncio.run(catalog.prune.execute(retention))
    left = asyncio.run(catalog.prune.plan(retention))
    assert (list(left.versions), list(left.folders)) == ([], [])
    assert catalog.kept()[-1] == 5
    assert_consistent(root)
    assert not catalog.verified().damages


@pytest.mark.parametrize("retention", [Retention(keep=2), Retention(older_than=timedelta(days=3))])
def test_f103_a_prune_that_dies_anywhere_is_finished_by_the_next(
    template: CatalogHistory, tmp_path: Path, retention: Retention
) -> None:
    """At each single system call, until there are no more."""
    at = 0
    hit = True
    while hit:
        at += 1
        catalog = _copy(template, tmp_path / "output")
        died = tmp_path / "died"

        def die(root: Path = catalog.root, home: Path = died) -> None:
            shutil.copytree(root, home)
            raise CrashError

        disk = FaultyDisk(at, die)
        with disk.installed(), contextlib.suppress(CrashError):
            asyncio.run(catalog.prune.execute(retention))
        hit = died.exists()
        if hit:
            _finish(died, template, retention)
            shutil.rmtree(died)
        shutil.rmtree(catalog.root)
    assert at > 10


def test_f103_a_prune_is_killed_at_any_moment(template: CatalogHistory, tmp_path: Path) -> None:
    """The real process, by SIGKILL, a little later each time."""
    for number in range(KILLS):
        root = tmp_path / str(number)
        _copy(template, root)
        with subprocess.Popen(
            [sys.executable, "-c", _PRUNER, root, template.clock.now().isoformat()],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={"PYTHONPATH": "src:."},
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(number * 0.003)  # into the midst of it, not to wait for anything
            process.send_signal(signal.SIGKILL)
        _finish(root, template, Retention(keep=1))


_PRUNER = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from domain.manifest import Manifest
from domain.retention import Retention
from domain.runs import Run
from tests.fakes.fake_clock import FakeClock
from tests.support.catalog_history import CatalogHistory
catalog = CatalogHistory(Path(sys.argv[1]), FakeClock(datetime.fromisoformat(sys.argv[2])))
print("ready", flush=True)
asyncio.run(catalog.prune.execute(Retention(keep=1)))
"""
