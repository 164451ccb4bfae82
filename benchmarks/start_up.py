"""What a command costs before it does anything, next to Python with DuckDB alone."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from contenders import APP

_TIMES = 7
_PLAIN = "import duckdb; print(duckdb.sql('select 1').fetchall())"
_COMMANDS = {
    "app --help": [str(APP), "--help"],
    'app query "select 1"': [str(APP), "query", "select 1"],
    f'python -c "{_PLAIN}"': [sys.executable, "-c", _PLAIN],
}


def start_up() -> list[str]:
    """A Markdown table: medians, the first run of each left out."""
    lines = [
        "### Start-up",
        "",
        f"| command | wall s, median of {_TIMES} |",
        "|---|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, command in _COMMANDS.items():
            walls = [_wall(command, folder) for _ in range(_TIMES + 1)][1:]
            lines.append(f"| `{name}` | {statistics.median(walls):.2f} |")
    return lines


def _wall(command: list[str], folder: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": folder},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started
