"""docs/query.md says what happens: its examples are run, and compared word for word."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from entrypoints.cli.program import app as program
from entrypoints.cli.query_format import SUFFIXES, Format
from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import APP, AppProcess

PAGE = (Path(__file__).parents[2] / "docs" / "query.md").read_text()
EXAMPLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with running_sandbox(SandboxOptions(items=450)) as base_url:
        process = AppProcess(tmp_path_factory.mktemp("page"), base_url)
        process.ingest("dxterminal")
        yield process


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_show_what_is_shown(app: AppProcess, example: str) -> None:
    """Data and words, in their order."""
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

    assert shown == example


def test_every_option_and_format_stands_on_the_page() -> None:
    """An option that nobody can read about does not exist."""
    command = typer.main.get_command(program).commands["query"]  # type: ignore[attr-defined]  # a group
    options = {name for each in command.params for name in each.opts if name.startswith("--")}
    long_forms = {"--file", "--parameter", "--output", "--memory", "--at", "--help"}
    for word in (options - long_forms) | {f"`{each}`" for each in Format} | set(SUFFIXES):
        assert word in PAGE, word
