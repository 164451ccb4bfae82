"""docs/other-tools.md and docs/macros.md say what happens: their examples are run."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.catalog.macros.table_macros import table_macros
from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import APP, AppProcess

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = [(_DOCS / name).read_text() for name in ("other-tools.md", "macros.md")]
_CONSOLE = [
    each for page in _PAGES for each in re.findall(r"```console\n(.*?)```", page, re.DOTALL)
]
_PYTHON = [each for page in _PAGES for each in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]
_COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)
_PRINTED = {
    "duckdb": "450 [('111',)]\n",
    "pandas": "450\n12\n",
    "polars": "Trades\n",
    "pyarrow": "450\n",
}
_BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with running_sandbox(SandboxOptions(items=450)) as base_url:
        process = AppProcess(tmp_path_factory.mktemp("page"), base_url)
        process.ingest("dxterminal")
        yield process


@pytest.mark.parametrize("example", _CONSOLE, ids=range(len(_CONSOLE)))
def test_commands_show_what_is_shown(app: AppProcess, example: str) -> None:
    """The last command may say more than the page does."""
    if "$ duckdb" in example and not (_BIN / "duckdb").exists():
        pytest.skip("there is no duckdb command: install duckdb-cli")
    shown = ""
    for command in _COMMAND.findall(example):
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
        assert done.returncode == 0, done.stdout
        shown += f"$ {command}\n{done.stdout.decode()}"

    assert shown.startswith(example)


@pytest.mark.parametrize("example", _PYTHON, ids=list(_PRINTED))
def test_python_prints_what_is_there(app: AppProcess, example: str) -> None:
    """Each library on its own; one that is not installed is passed over."""
    library = re.findall(r"^import (\w+)", example)[0]
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=app.home,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (done.stdout, done.stderr) == (_PRINTED[library], "")


def test_every_macro_stands_on_the_page() -> None:
    """With its parameters as they are."""
    for macro in table_macros().values():
        if not macro.name.startswith("stocks."):
            assert f"`{macro.signature}`" in _PAGES[1], macro.signature
