"""`app query` as a program among others: pipes, terminals, full disks, closed streams."""

import csv
import fcntl
import io
import os
import pty
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.support.app_process import APP, AppProcess

NUMBERS = "select i, 'row ' || i as word from range(1000000) t(i)"
ENDLESS = "select count(*) from range(10000000000) a, range(10000000000) b"

PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
# Of a small process: a child is born with the memory of its parent, and Linux does not forget it.


@pytest.fixture
def app(tmp_path: Path) -> AppProcess:
    return AppProcess(tmp_path)


def on_terminal(app: AppProcess, *arguments: str, **environment: str) -> str:
    """What a terminal of 10 lines and 60 columns shows; the program must end by itself."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 60, 0, 0))
    with subprocess.Popen(
        [APP, *arguments],
        cwd=app.home,
        env=app.variables() | {"TERM": "xterm"} | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 50)[0]:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            shown += part
        process.wait(10)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_reader_that_stops_is_no_error(app: AppProcess) -> None:
    """`app query … | head -2`: quiet, whatever the format."""
    for style in ("csv", "ndjson", "parquet"):
        with subprocess.Popen(
            [APP, "query", NUMBERS, "--format", style],
            cwd=app.home, env=app.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(100)
            process.stdout.close()
            errors = process.stderr.read()
            assert (process.wait(30), errors) == (0, b"")


def test_a_full_device_is_told_once(app: AppProcess) -> None:
    """Also when the first write fits into a buffer."""
    for rows in (3, 300_000):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [APP, "query", f"from range({rows})"],
                cwd=app.home, env=app.variables(), stdout=full, stderr=subprocess.PIPE,
                timeout=50, check=False,
            )  # fmt: skip
        assert done.returncode == 1
        assert done.stderr.startswith(b"error: stdout cannot be written: No space left on device.")
        assert b"Exception ignored" not in done.stderr


def test_a_file_without_room_is_as_it_was(app: AppProcess) -> None:
    """Whole or not at all, and no draft is left."""
    target = app.home / "x.csv"
    target.write_text("before")
    done = subprocess.run(
        [APP, "query", NUMBERS, "-o", target],
        cwd=app.home, env=app.variables(), capture_output=True, timeout=50, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20)),
    )  # fmt: skip

    assert done.returncode == 1
    assert b"x.csv cannot be written: File too large." in done.stderr
    assert target.read_text() == "before"
    assert not list(app.home.glob(".*.part"))


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "told"),
    [
        (">&-", "query 'select 1'", 1, "stdout cannot be written: Bad file descriptor"),
        (">&-", "query 'select 1' -o x.csv", 0, "1 row written to x.csv"),
        (">&-", "sources list", 1, "stdout cannot be written: Bad file descriptor"),
        (">/dev/full", "sources list", 1, "stdout cannot be written: No space left on device"),
        ("2>&-", "query 'selec 1'", 1, ""),
        ("<&-", "query", 2, "stdin is empty"),
    ],
)
def test_closed_streams(app: AppProcess, closed: str, arguments: str, code: int, told: str) -> None:
    """No file of ours gets the number of a stream."""
    done = subprocess.run(
        ["sh", "-c", f"{APP} {arguments} {closed}"],
        cwd=app.home, env=app.variables(), capture_output=True, timeout=50, check=False,
    )  # fmt: skip

    assert done.returncode == code, done.stderr
    assert told in done.stderr.decode()
    assert "defect" not in done.stderr.decode()


def test_a_short_table_needs_no_pager(app: AppProcess) -> None:
    """It stands on the screen, with the count and the time below it."""
    shown = on_terminal(app, "query", "select i from range(3) t(i)", PAGER="sed s/^/paged:/")

    assert shown.splitlines()[:5] == ["i", "─", "0", "1", "2"]
    assert shown.splitlines()[5].startswith("3 rows in ")


def test_a_long_table_goes_through_the_pager(app: AppProcess) -> None:
    """Whole, and with nothing in it that a terminal would obey."""
    sql = "select i, e'\\x1b[31m' as red from range(30) t(i)"
    shown = on_terminal(app, "query", sql, PAGER="sed s/^/paged:/")
    lines = shown.splitlines()

    assert [line.startswith("paged:") for line in lines] == [True] * 32 + [False]
    assert lines[31] == r"paged:29  \x1b[31m"
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--no-pager"], {"PAGER": "sed s/^/paged:/"}),
        ([], {"PAGER": ""}),
        ([], {"PAGER": "no-such-program"}),
        ([], {"PAGER": "'"}),
        ([], {"PAGER": "sed s/^/paged:/", "TERM": "dumb"}),
    ],
)
def test_a_pager_can_be_done_without(
    app: AppProcess, arguments: list[str], environment: dict[str, str]
) -> None:
    """Asked for, or not to be had."""
    shown = on_terminal(app, "query", "from range(30)", *arguments, **environment)

    assert "paged:" not in shown
    assert len(shown.splitlines()) == 33


def test_a_pager_that_is_left_ends_the_query(app: AppProcess) -> None:
    """Quietly: nobody wants the rest."""
    sql = "select i from range(5000000) t(i)"
    shown = on_terminal(app, "query", sql, "--csv", PAGER="head -2")

    assert shown.splitlines() == ["i", "0"]


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less_is_the_pager_where_none_is_named(app: AppProcess) -> None:
    """What fits ends by itself; what is longer waits for a key."""
    shown = on_terminal(app, "query", "from range(3)")
    assert "range" in shown


def test_a_stop_and_a_timeout_have_their_codes(app: AppProcess) -> None:
    """124 at the end of `--timeout`, 130 at Ctrl-C."""
    late = app.run("query", ENDLESS, "--timeout", "1")
    assert (late.returncode, late.stdout) == (124, b"")
    assert b"longer than 1 seconds" in late.stderr

    process = app.start("query", "from range(1000000000000)")
    assert process.stdout is not None
    assert process.stdout.read(6) == b"range\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_a_long_query_answers_with_nothing_but_rows(app: AppProcess) -> None:
    """DuckDB would draw a progress bar after two seconds, on stdout."""
    done = app.run("query", "select count(*) as n from range(600000000) t(i) where i % 7 = 3")

    assert (done.returncode, done.stdout) == (0, b"n\n85714286\n")


def test_a_large_result_needs_little_memory(app: AppProcess) -> None:
    """Rows are passed on as they come."""
    sql = NUMBERS.replace("1000000", "2000000")
    done = subprocess.run(
        [sys.executable, "-c", PEAK, APP, "query", sql, "-o", "x.csv"],
        cwd=app.home, env=app.variables(), capture_output=True, timeout=50, check=True,
    )  # fmt: skip

    assert (app.home / "x.csv").read_bytes().count(b"\n") == 2_000_001
    assert int(done.stdout) < 300 * 1024


def test_sql_and_parameters_from_everywhere(app: AppProcess) -> None:
    """An argument, a file, stdin; values are bound."""
    (app.home / "q.sql").write_text("select $word as w, 10 > $n as more")
    hostile = "'; drop table x; --"
    arguments = ("-p", f"word={hostile}", "-p", "n=9", "--csv")
    for given, stdin in ((["-f", "q.sql"], b""), (["-"], (app.home / "q.sql").read_bytes())):
        done = app.run("query", *given, *arguments, stdin=stdin)
        rows = list(csv.reader(io.StringIO(done.stdout.decode())))
        assert rows == [["w", "more"], [hostile, "true"]]
