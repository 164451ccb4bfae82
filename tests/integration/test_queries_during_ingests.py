"""Another process asks without a pause while versions are replaced: it sees whole ones only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support import asking_reader
from tests.support.app_process import AppProcess
from tests.support.assert_consistent import assert_consistent

_ROOT = Path(__file__).parents[2]
_SIZES = ("40", "55")


def _asked_while_ingesting(app: AppProcess, queries: int) -> list[tuple[int, int]]:
    """Version and NFTs of each answer, while collections of two sizes take turns."""
    app.ingest("dxterminal", "--limit", _SIZES[0])
    with subprocess.Popen(
        [sys.executable, "-m", asking_reader.__name__, str(queries)],
        cwd=app.home,
        env=app.variables() | {"PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        turn = 0
        while reader.poll() is None:
            turn += 1
            app.ingest("dxterminal", "--full-refresh", "--limit", _SIZES[turn % 2])
        said, errors = reader.communicate()
    assert reader.returncode == 0, f"{said[-500:]}{errors[-2000:]}"
    assert_consistent(app.data_dir, settled=True)
    return [(int(version), int(nfts)) for version, nfts, _ in map(str.split, said.splitlines())]


def _assert_whole_versions(answers: list[tuple[int, int]], queries: int) -> None:
    assert len(answers) == queries
    versions = [version for version, _ in answers]
    assert versions == sorted(versions)
    assert len(set(versions)) > 1
    assert {nfts for _, nfts in answers} == {int(size) for size in _SIZES}


@pytest.fixture
def app(tmp_path: Path) -> AppProcess:
    return AppProcess(tmp_path)


def test_queries_during_ingests_see_whole_versions(app: AppProcess) -> None:
    """All answer; NFTs, traits, runs and counts of each are of one version."""
    with running_sandbox(SandboxOptions(items=60)) as app.base_url:
        _assert_whole_versions(_asked_while_ingesting(app, 100), 100)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_queries_during_ingests_see_whole_versions(app: AppProcess) -> None:
    """The same, a thousand times."""
    with running_sandbox(SandboxOptions(items=60)) as app.base_url:
        _assert_whole_versions(_asked_while_ingesting(app, 1000), 1000)
