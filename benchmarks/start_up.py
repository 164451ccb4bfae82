"""What a command costs before it does anything, next to Python alone and with DuckDB alone.

The ingest is one of a target that is there already and has not changed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from contenders import APP, OURS, environment
from static_upstream import serving

_TIMES = 7
_ITEMS = 200
_PLAIN = "import duckdb; print(duckdb.sql('select 1').fetchall())"
_COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    f'python -c "{_PLAIN}"': [sys.executable, "-c", _PLAIN],
    "app --help": [str(APP), "--help"],
    'app query "select 1"': [str(APP), "query", "select 1"],
    f"{OURS.shown()}, {_ITEMS} NFTs that are there already": list(OURS.arguments),
}


def start_up() -> list[str]:
    """A Markdown table: medians, the first run of each left out."""
    lines = [
        "### Start-up",
        "",
        f"Medians of {_TIMES}.",
        "",
        "| command | wall s | CPU s |",
        "|---|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as name, serving(_ITEMS) as upstream:
        own = environment(upstream.base_url, Path(name))
        for title, command in _COMMANDS.items():
            runs = [_run(command, name, own) for _ in range(_TIMES + 1)][1:]
            wall, cpu = (statistics.median(each) for each in zip(*runs, strict=True))
            lines.append(f"| `{title}` | {wall:.2f} | {cpu:.2f} |")
    return lines


def _run(command: list[str], folder: str, own: Mapping[str, str]) -> tuple[float, float]:
    """Seconds of wall time and of CPU; SystemExit when the command fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": folder, **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{' '.join(command)} ended with {process.returncode}."
        raise SystemExit(message)
    return wall, usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    print("\n".join(start_up()))
