"""Compares what one GET costs: `python benchmarks/http_engines/run.py`, see also `--help`.

Each engine runs in a process of its own; rounds alternate; medians are shown. The figure that
counts is CPU (user and system) of the client's process for each request, start-up left out, the
last write of a cache included.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from upstream import serving

_DEFAULT = {
    "http": ["ours", "aiohttp", "our-engine", "httpx-default", "httpx"],
    "tls": ["ours", "aiohttp", "our-engine", "httpx-default"],
    "h2": ["ours", "our-engine", "httpx-h2"],
}
_SHORTER = {"httpx": 10, "httpx-default": 4, "httpx-h2": 4}
"""By how much the runs of slow engines are shorter, so that a round ends within minutes."""


def main() -> None:
    arguments = _arguments()
    figures: dict[tuple[str, str, str], list[dict[str, float]]] = defaultdict(list)
    with serving() as upstream:
        for _ in range(arguments.rounds):
            for protocol in arguments.protocols:
                for engine in arguments.engines or _DEFAULT[protocol]:
                    for loop in arguments.loops:
                        number = arguments.requests // _SHORTER.get(engine, 1)
                        words = [engine, loop, str(number), str(arguments.concurrency)]
                        words += [str(upstream.authority), upstream.urls[protocol]]
                        figures[protocol, engine, loop].append(_measured(words))
    print("| protocol | engine | loop | CPU µs/request (range) | requests/s | peak MB |")
    print("|---|---|---|---:|---:|---:|")
    for (protocol, engine, loop), runs in figures.items():
        cpu = [run["cpu_us"] for run in runs]
        rate, memory = (statistics.median(run[key] for run in runs) for key in ("rps", "rss_mb"))
        print(
            f"| {protocol} | {engine} | {loop} "
            f"| {statistics.median(cpu):.0f} ({min(cpu):.0f}-{max(cpu):.0f}) "
            f"| {rate:,.0f} | {memory:.0f} |"
        )


def _measured(words: Sequence[str]) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).with_name("client.py")), *words]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    figures: dict[str, float] = json.loads(said)
    return figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocols", nargs="*", default=["http", "tls", "h2"])
    parser.add_argument("--engines", nargs="*", default=[])
    parser.add_argument("--loops", nargs="*", default=["uvloop", "asyncio"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--concurrency", type=int, default=64)
    return parser.parse_args()


main()
