"""The program as a whole: help, errors, signals, pipes and start-up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from domain.errors import NotFoundError
from entrypoints.cli.program import app
from tests.support.run_cli import RunCli

CANARY = "canary-0123456789abcdefghij"
UNNEEDED = (
    "numpy", "click", "rich", "yaml", "werkzeug", "duckdb", "redis", "httpcore", "anyio", "h2",
    "hpack", "ssrfguard", "stamina", "pyrate_limiter", "multiprocessing", "pyarrow._s3fs",
    "application.ports.query_engine", "application.ports.result_writer", "domain.recordings",
    "application.ports.version_differ", "application.ports.lake_maintenance",
    "adapters.sources.opensea_events",
)  # fmt: skip
HEAVY = ("duckdb", "pyarrow", "httpx", "redis", "pydantic", "rich", "structlog", "asyncio")


def _commands(command: Any, path: str = "app") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from _commands(each, f"{path} {name}")


ALL = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_has_help(path: str) -> None:
    """Nobody has to guess."""
    command = ALL[path]

    assert command.help, path
    for parameter in command.params:
        assert parameter.help, f"{path} {parameter.name}"


@pytest.mark.parametrize("path", ALL)
def test_help_is_shown_on_stdout(path: str, run_cli: RunCli) -> None:
    """`--help` works everywhere and fits the width."""
    outcome = run_cli(*path.split()[1:], "--help")

    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: {path} ")
    assert outcome.err == ""


def test_commands_of_the_design_are_there() -> None:
    """Those of this version, and none that does nothing yet."""
    assert set(ALL) == {
        "app",
        *(
            f"app {name}"
            for name in (
                "ingest", "query", "datasets", "describe", "diff", "runs", "doctor", "init", "demo",
                "sandbox", "sources", "sources list", "sources show", "sources new", "sources test",
                "sources schema", "cache", "cache stats",
                "cache purge", "config", "config show", "config path", "check", "export", "catalog",
                "catalog verify", "catalog prune", "catalog rebuild",
            )
        ),
    }  # fmt: skip


def test_no_arguments_show_the_help(run_cli: RunCli) -> None:
    """A word on what there is, as a usage error."""
    outcome = run_cli()

    assert outcome.code == 2
    assert "Usage: app" in outcome.out + outcome.err


def test_the_version_is_shown(run_cli: RunCli) -> None:
    """Name and number."""
    outcome = run_cli("--version")

    assert (outcome.code, outcome.out.split()[0]) == (0, "automated-data-pipeline")


def test_a_parameter_of_a_source_is_told_apart_from_an_option(run_cli: RunCli) -> None:
    """It is what people mean by an option that there is not."""
    done = run_cli("ingest", "weather", "Paris", "--pick", "2")
    assert done.code == 2
    assert "-p pick=…" in done.err
    assert "-p pick" not in run_cli("datasets", "--pick", "2").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingets"], "Did you mean 'ingest'"),
        (["ingest"], "Missing argument 'DOMAIN'"),
        (["query", "--formt", "csv"], "--format"),
        (["query", "--format", "xml", "select 1"], "'table', 'csv'"),
        (["ingest", "nft", "x", "--concurrency", "0"], "greater than or equal to 1"),
        (["datasets", "--data-dir", "x"], "It stands before the command: app --data-dir"),
    ],
)
def test_usage_errors_say_what_is_wrong(arguments: list[str], told: str, run_cli: RunCli) -> None:
    """On stderr, with code 2, and nothing on stdout."""
    outcome = run_cli(*arguments)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert told in outcome.err
    assert outcome.out == ""


def test_a_query_does_not_load_what_arrow_looks_for(tmp_path: Path) -> None:
    """NumPy and pandas may be installed, and would take longer to load than all the rest.

    Of Arrow itself the documented wrappers of all kernels would take a third.
    """
    script = (
        "import sys\n"
        "from entrypoints import cli\n"
        "sys.argv = ['app', 'query', \"select 'a' as b\"]\n"
        "try:\n"
        "    cli.main()\n"
        "finally:\n"
        "    looked_for = ('pandas', 'pyarrow.compute', 'pyarrow.parquet', 'pyarrow')\n"
        "    print(*[name for name in looked_for if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
        cwd=tmp_path,
    )

    assert done.stdout == "b\na\n"
    assert done.stderr.strip() == "pyarrow"


def test_help_loads_nothing_heavy() -> None:
    """`app --help` is quick because libraries are loaded by the commands that need them."""
    script = (
        "import sys\n"
        "from entrypoints.cli.program import run_program\n"
        "code = run_program(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50
    )

    assert done.stderr.strip() == "[] 0"


def test_a_command_does_not_load_what_its_libraries_look_for(tmp_path: Path) -> None:
    """Nor what only some runs need: another attempt, HTTP/2, addresses to judge, full windows."""
    script = (
        "import sys\n"
        "from entrypoints import cli\n"
        "sys.argv = ['app', 'ingest', 'nft', 'dxterminal', '--offline']\n"
        "try:\n"
        "    cli.main()\n"
        "finally:\n"
        f"    loaded = [name for name in {UNNEEDED!r} if sys.modules.get(name)]\n"
        "    print(loaded, 'httpx' in sys.modules, 'pyarrow' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=False, timeout=50, cwd=tmp_path,
    )  # fmt: skip

    assert done.stdout.strip() == "[] True True"


def test_no_command_looks_for_plug_ins_of_pydantic(tmp_path: Path) -> None:
    """It would read what every installed package says of itself."""
    folder = tmp_path / "loud-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[pydantic]\nloud = loud:PLUG_IN\n")
    (tmp_path / "loud.py").write_text("print('loud')\nPLUG_IN = None\n")
    done = subprocess.run(
        [sys.executable, "-m", "entrypoints", "datasets"],
        capture_output=True, text=True, check=True, timeout=50, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert "loud" not in done.stdout


def test_modules_are_not_searched_for_garbage(tmp_path: Path) -> None:
    """Neither while they are loaded nor while a run is at work, which is searched now and then."""
    script = (
        "import gc, sys\n"
        "from entrypoints import cli\n"
        "searches = []\n"
        "gc.callbacks.append(lambda *_: searches.append(gc.get_freeze_count()))\n"
        "sys.argv = ['app', 'ingest', 'nft', 'dxterminal', '--offline']\n"
        "try:\n"
        "    cli.main()\n"
        "finally:\n"
        "    print(all(searches), gc.get_threshold()[0], 'pyarrow' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=False, timeout=50, cwd=tmp_path,
    )  # fmt: skip

    assert done.stdout.strip() == "True 10000 True"


@pytest.mark.parametrize(("loaded", "frozen"), [("sys", "True"), ("duckdb", "False")])
def test_the_end_searches_for_no_cycles(loaded: str, frozen: str) -> None:
    """Unless DuckDB is there, which would complain about leaks."""
    script = (
        f"import atexit, gc, sys, {loaded}\n"
        "from entrypoints import cli\n"
        "before = gc.get_freeze_count()\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > before))\n"
        "sys.argv = ['app', '--version']\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50
    )

    assert done.stdout.split()[-1] == frozen
    assert done.stderr == ""


def test_settings_are_a_matter_of_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    """Global options reach the container; a wrong setting ends with code 3."""
    outcome = run_cli("--data-dir", "there", "--log-level", "error", "datasets")
    assert outcome.settings is not None
    assert outcome.settings.data_dir == Path("there")

    (tmp_path / "app.toml").write_text("data_dirr = 1")
    outcome = run_cli("datasets")
    assert outcome.code == 3
    assert "Did you mean data_dir?" in outcome.err


def test_a_source_that_does_not_exist_cannot_be_moved(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt source in a base URL is not passed over."""
    monkeypatch.setenv("APP_SOURCES__OPENSEE__BASE_URL", "http://127.0.0.1:1")

    outcome = run_cli("datasets")

    assert outcome.code == 3
    assert "APP_SOURCES__OPENSEE__BASE_URL: No source named 'opensee'" in outcome.err
    assert "opensea" in outcome.err


class _Failing:
    """A use case that always raises."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    async def execute(self, *_arguments: object) -> None:
        raise self._error


def test_expected_errors_are_one_line_with_advice(run_cli: RunCli) -> None:
    """No traceback, no colour codes in a pipe, no escape of an upstream."""
    error = NotFoundError("table", "nf\x1b[31mts", ["nfts"], "`app datasets` lists them.")
    outcome = run_cli("describe", "x", describe_table=_Failing(error))

    assert outcome.code == 5
    assert outcome.err.startswith("error: No table named 'nf")
    assert "Did you mean nfts?" in outcome.err
    assert "\x1b" not in outcome.err
    assert "Traceback" not in outcome.err


def test_defects_are_one_line_and_a_traceback_in_the_log(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The key that is in the exception is in neither."""
    monkeypatch.setenv("OPENSEA_API_KEY", CANARY)
    outcome = run_cli(
        "--log-file", "x.log", "datasets", list_datasets=_Failing(ValueError(f"bad {CANARY}"))
    )

    assert outcome.code == 1
    assert outcome.err.startswith("error: unexpected ValueError: bad ***")
    assert "--log-level debug" in outcome.err
    assert "Traceback" not in outcome.err
    logged = (tmp_path / "x.log").read_text()
    assert "ValueError" in json.loads(logged.splitlines()[-1])["exception"]
    assert CANARY not in outcome.err + logged


def test_errors_within_groups_are_found(run_cli: RunCli) -> None:
    """A task group wraps; people get what is inside."""
    inside = ExceptionGroup("x", [NotFoundError("table", "x")])
    outcome = run_cli("datasets", list_datasets=_Failing(ExceptionGroup("y", [inside])))

    assert outcome.code == 5


def test_an_exposed_key_is_a_warning(run_cli: RunCli, tmp_path: Path) -> None:
    """The command goes on; the advice names the file."""
    (tmp_path / ".env").write_text(f"OPENSEA_API_KEY={CANARY}\n")
    (tmp_path / ".env").chmod(0o644)

    outcome = run_cli("datasets")

    assert outcome.code == 0
    assert "chmod 600 .env" in outcome.err
    assert CANARY not in outcome.err


def test_no_color_is_respected(run_cli: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal errors are red, unless --no-color or NO_COLOR say otherwise."""
    assert "\x1b[31m" in run_cli("describe", "nope", terminal=True).err
    assert "\x1b" not in run_cli("--no-color", "describe", "nope", terminal=True).err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run_cli("describe", "nope", terminal=True).err


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_is_no_error(unbuffered: str, tmp_path: Path) -> None:
    """`app … | head` is quiet, whether it finds out at the first word or at its end."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "entrypoints", "sources", "list"],
            stdout=writing, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=50,
            check=False,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")


STOPPABLE = """
import asyncio, sys
from dependency_injector import providers
from entrypoints.cli.program import run_program
from entrypoints.container import Container

class Waiting:
    async def execute(self, *_):
        print("waiting", flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            print("put in order", flush=True)

def build(settings):
    return Container(settings=providers.Object(settings), list_datasets=providers.Object(Waiting()))

sys.exit(run_program(["datasets"], container_factory=build))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_command_put_things_in_order(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """Cancelled once, cleanly, with the code that shells expect."""
    with subprocess.Popen(
        [sys.executable, "-c", STOPPABLE], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (code, "put in order\n")
    assert err == f"stopped by {number.name}\n"
