"""The example package of docs/plug-ins.md, installed beside the program."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.support.app_process import AppProcess
from tests.support.recording_server import recording_server

_ROOT = Path(__file__).parents[2]
_EXAMPLE = _ROOT / "examples" / "kraken-source"
_ANSWER = (_EXAMPLE / "tests" / "recordings" / "kraken" / "ohlc.json").read_bytes()


@pytest.fixture
def app(tmp_path: Path) -> AppProcess:
    """A project whose Python finds the package, as pip would have installed it."""
    packages = tmp_path / "packages"
    project = tomllib.loads((_EXAMPLE / "pyproject.toml").read_text())["project"]
    info = packages / f"kraken_source-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = project["entry-points"]["app.sources"]
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    (info / "entry_points.txt").write_text(f"[app.sources]\n{''.join(lines)}")
    shutil.copy(_EXAMPLE / "kraken_source.py", packages)
    home = tmp_path / "project"
    home.mkdir()
    return AppProcess(home, environment={"PYTHONPATH": str(packages)})


def test_it_is_ingested_like_any_other_source(app: AppProcess) -> None:
    """Shown with its package, asked, stored and queried; a second run merges."""

    def answer(_path: str, _head: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, _ANSWER

    with recording_server(answer) as upstream:
        app.environment["APP_SOURCES__KRAKEN__BASE_URL"] = upstream.url
        shown = json.loads(app.run("sources", "show", "kraken", "--json").stdout)
        first = app.run("ingest", "kraken", "xbt/usd")
        again = app.run("ingest", "kraken", "XBTUSD")

    assert shown["origin"] == "kraken-source 0.1.0"
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    (found,) = app.rows(
        "select count(*) n, count(*) filter (is_final <> (opened_at + interval 1 day <= now())) w "
        "from kraken.candles"
    )
    assert (found["n"], found["w"]) == (10, 0)


def test_it_holds_on_its_recording(app: AppProcess) -> None:
    """`app sources test` finds recordings of a plug-in where the project's sources lie."""
    app.environment["APP_SOURCES_DIR"] = str(_EXAMPLE / "tests")
    done = app.run("sources", "test", "kraken")
    assert done.returncode == 0, done.stderr.decode()
    assert b"10 candles" in done.stdout


def test_a_broken_plug_in_leaves_the_others_alone(app: AppProcess, tmp_path: Path) -> None:
    """Its package is named; everything else works."""
    (tmp_path / "packages" / "kraken_source.py").write_text("import no_such_module\n")
    done = app.run("sources", "list")
    assert done.returncode == 0
    assert b"opensea" in done.stdout
    assert b"kraken-source 0.1.0" in done.stderr
    assert b"no_such_module" in done.stderr
