"""docs/tutorial-a-new-source.md says what happens: its commands are run one after the other."""

import os
import re
import subprocess
from pathlib import Path

from tests.support.app_process import APP, AppProcess
from tests.support.recording_server import recording_server

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "tutorial-a-new-source.md").read_text()
_ANSWER = (_ROOT / "tests" / "recordings" / "tutorial" / "observations.json").read_bytes()
_EXAMPLES = re.findall(r"```console\n(.*?)```", _PAGE, re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)
_HOST = "https://api.weather.gov"
_PATH = "/stations/KFLL/observations"


def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    """From nothing to a queried table; only the host is another one."""

    def answer(path: str, _head: str) -> tuple[int, dict[str, str], bytes]:
        return (200, {}, _ANSWER) if path == _PATH else (404, {}, b"{}")

    with recording_server(answer) as upstream:
        app = AppProcess(tmp_path)
        for example in _EXAMPLES:
            shown = "".join(
                _run(app, command, upstream.url) for command in _COMMAND.findall(example)
            )
            assert shown.startswith(example), shown
    assert app.rows("select target, timestamp from noaa.observations")[0]["target"] == "KFLL"
    assert upstream.asked(_PATH) == 2


def test_every_flag_stands_on_the_page(tmp_path: Path) -> None:
    """What the help lists, the table lists."""
    done = AppProcess(tmp_path).run("sources", "new", "--help")
    flags = set(re.findall(r"--[a-z]+", done.stdout.decode())) - {"--help", "--json"}
    assert flags
    assert {flag for flag in flags if flag not in _PAGE} == set()


def _run(app: AppProcess, command: str, url: str) -> str:
    done = subprocess.run(
        ["bash", "-c", command.replace(_HOST, url)],
        cwd=app.home,
        env=app.variables() | {"PATH": f"{APP.parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return f"$ {command}\n{done.stdout.decode()}"
