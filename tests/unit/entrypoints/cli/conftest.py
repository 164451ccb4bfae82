"""Command lines run in an empty folder and environment."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.support.run_cli import RunCli, runner


@pytest.fixture
def run_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RunCli]:
    """See `tests.support.run_cli.runner`; afterwards no log handler may be left."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.upper().startswith("APP_") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")
    handlers = list(logging.getLogger().handlers)
    yield runner(monkeypatch)
    structlog.reset_defaults()
    assert logging.getLogger().handlers == handlers
