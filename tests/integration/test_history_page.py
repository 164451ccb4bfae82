"""docs/history.md says what happens: its examples are run, in their order, over one folder."""

import json
import os
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import APP, AppProcess
from tests.support.assert_consistent import assert_consistent

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text()
EXAMPLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)
DAYS_AGO = {1: 10, 2: 3}
MASKS = (
    (re.compile(r"01[0-9A-Z]{24}"), "<run>"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\b\d+(\.\d)? (k?B|s|min)\b"), "<figure>"),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> AppProcess:
    """Three versions: of ten days ago, of three days ago, and of now."""
    with running_sandbox(SandboxOptions(items=300)) as base_url:
        process = AppProcess(tmp_path_factory.mktemp("page"), base_url)
        for limit in ("100", "200", "300"):
            process.ingest("dxterminal", "--limit", limit)
    now = datetime.fromtimestamp(time.time(), UTC)
    for version, days in DAYS_AGO.items():
        path = process.data_dir / "_catalog" / "v" / f"{version:08}.json"
        manifest = json.loads(path.read_text())
        manifest["committed_at"] = (now - timedelta(days=days)).isoformat()
        path.write_text(json.dumps(manifest))
    return process


def _masked(text: str) -> str:
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def test_examples_show_what_is_shown(app: AppProcess) -> None:
    """Data and words; run ids, times and sizes may be others."""
    for example in EXAMPLES:
        shown = ""
        for command in COMMAND.findall(example):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=app.home,
                env=app.variables() | {"PATH": f"{APP.parent}:{os.environ['PATH']}"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=50,
                check=False,
            )
            shown += f"$ {command}\n{done.stdout.decode()}"
        assert _masked(shown) == _masked(example)
    assert_consistent(app.data_dir, settled=True)
