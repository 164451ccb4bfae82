"""Turns measured runs into Markdown."""

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import time

from measured_run import Measured

_RESULTS = Path(__file__).parent / "RESULTS.md"
_LIBRARIES = ("httpx", "aiohttp", "dlt", "pyarrow", "duckdb")
_FIGURES: tuple[Callable[[Measured], float], ...] = (
    lambda run: run.wall,
    lambda run: run.cpu,
    lambda run: run.memory,
)
_COLUMNS = (
    "| | command | wall s (range) | CPU s | peak MB | upstream requests "
    "| ours cold ÷ this: wall | CPU | memory |"
)
_HEAD = (_COLUMNS, "|---|---|---:|---:|---:|---:|---:|---:|---:|")


def circumstances(upstream: str, load: float, others: Sequence[str] = ()) -> list[str]:
    """When, where and with what it was measured; `others` are versions of other environments."""
    own = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    versions = ", ".join([*own, *others])
    today = datetime.fromtimestamp(time(), UTC).date()
    line = (
        f"{today}, {os.cpu_count()} cores, {platform.system()}, Python "
        f"{platform.python_version()}, {versions}; upstream: {upstream}; "
        f"load of the machine beforehand {load:.1f}."
    )
    return [line, ""]


def table(
    title: str, commands: Mapping[str, str], runs: Mapping[str, Sequence[Measured]]
) -> list[str]:
    """Medians of one size; the first name in `runs` is what the others are compared with."""
    ours = next(iter(runs.values()))
    times = "One round" if len(ours) == 1 else f"Medians of {len(ours)} alternating rounds"
    rows = [_row(name, commands[name], each, ours) for name, each in runs.items()]
    return [f"### {title}", "", f"{times}.", "", *_HEAD, *rows, ""]


def replace_measured(part: str, text: str) -> None:
    """Put the text between the markers of a part of RESULTS.md; SystemExit when it has none."""
    first, last = f"<!-- {part}:start -->", f"<!-- {part}:end -->"
    before, start, rest = _RESULTS.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not start or not end:
        message = f"{_RESULTS} lacks the markers {first} and {last}."
        raise SystemExit(message)
    _RESULTS.write_text(f"{before}{first}\n{text}\n{last}{after}")


def _row(name: str, command: str, runs: Sequence[Measured], ours: Sequence[Measured]) -> str:
    wall, cpu, memory = (_median(runs, each) for each in _FIGURES)
    walls = [run.wall for run in runs]
    spread = f" ({min(walls):.1f}-{max(walls):.1f})" if len(walls) > 1 else ""
    ratios = (
        ["", "", ""]
        if runs is ours
        else [f"{_median(ours, each) / _median(runs, each):.2f}" for each in _FIGURES]
    )
    requests = statistics.median(run.requests for run in runs)
    cells = [
        name,
        f"`{command}`",
        f"{wall:.1f}{spread}",
        f"{cpu:.1f}",
        f"{memory / 1e6:.0f}",
        f"{requests:,.0f}",
    ]
    return f"| {' | '.join([*cells, *ratios])} |"


def _median(runs: Sequence[Measured], figure: Callable[[Measured], float]) -> float:
    return statistics.median(figure(run) for run in runs)
