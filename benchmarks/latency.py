"""What an upstream's latency leaves of the rate that its concurrency allows.

python benchmarks/latency.py [--nfts 36600] [--httpx-nfts 2000] [--latency 0.05] [--hosts 8]

Every answer comes after the same time, so that `concurrency` requests under way deliver at most
`concurrency / latency` answers a second. A client that keeps nothing shows what the server itself
delivers, and at four times the concurrency that it is not what holds the others back.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from contenders import OURS, environment
from measured_run import Measured, counted_rows, measure
from memory_upstream import MemoryUpstream, serving_from_memory
from report import circumstances, replace_measured

_PEERS = Path(__file__).parent / "peers"
_CACHE_CONTROL = "max-age=3600"
_RAW_REQUESTS = 10_000
_CONCURRENCY = 64
_COLUMNS = (
    "| | requests | most at once | fetching s (range) | requests/s "
    "| of what the concurrency allows | wall s | of it, over the whole run | CPU s |"
)
_HEAD = (
    _COLUMNS,
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class _Run:
    """One run: as the system saw it, and how long it fetched by its own account, in seconds."""

    measured: Measured
    fetching: float
    most_at_once: int

    @property
    def rate(self) -> float:
        """Requests a second while fetching."""
        return self.measured.requests / self.fetching

    @property
    def whole_rate(self) -> float:
        """Requests a second from start to end of the process."""
        return self.measured.requests / self.measured.wall


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    ideal = _CONCURRENCY / options.latency
    with _serving(options.nfts, options) as upstream:
        lines = circumstances(upstream.name, load)
        rows = []
        for each in (_CONCURRENCY, 4 * _CONCURRENCY):
            raw = _raw(upstream, each, min(options.nfts, _RAW_REQUESTS))
            rows.append(_row(f"a client that keeps nothing, {each} at once", [raw], each, options))
        ours, aiohttp = [], []
        for number in range(options.rounds):
            ours.append(_ours(upstream, options.nfts))
            _say(f"round {number + 1}, this project: {ours[-1].rate:,.0f} requests/s")
            aiohttp.append(_script("hand_aiohttp.py", upstream))
            _say(f"round {number + 1}, aiohttp: {aiohttp[-1].rate:,.0f} requests/s")
    rows.append(_row("this project, cold", ours, _CONCURRENCY, options))
    rows.append(_row("hand-written aiohttp script", aiohttp, _CONCURRENCY, options))
    if options.httpx_nfts:
        with _serving(options.httpx_nfts, options) as upstream:
            httpx = _script("hand_httpx.py", upstream)
        rows.append(_row("hand-written script over stock httpx", [httpx], _CONCURRENCY, options))
    title = f"{options.nfts:,} NFTs, {options.latency * 1e3:.0f} ms, {_CONCURRENCY} at once"
    lines += [
        f"### {title}: at most {ideal:,.0f} requests/s",
        "",
        f"Medians of {options.rounds} alternating rounds; documents on {options.hosts} hosts.",
        "",
        *_HEAD,
        *rows,
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("latency", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nfts", type=int, default=36_600)
    parser.add_argument("--httpx-nfts", type=int, default=2_000, help="0: leave stock httpx out")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--hosts", type=int, default=8, help="loopback addresses with documents")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    return parser.parse_args()


def _serving(items: int, options: argparse.Namespace) -> AbstractContextManager[MemoryUpstream]:
    return serving_from_memory(
        items, latency=options.latency, hosts=options.hosts, cache_control=_CACHE_CONTROL
    )


def _ours(upstream: MemoryUpstream, items: int) -> _Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = {
            **environment(upstream.base_url, folder, upstream.hosts),
            "APP_HTTP__CONCURRENCY": str(_CONCURRENCY),
        }
        run = _run(OURS.command(upstream.base_url, folder), upstream, folder, own)
        found = counted_rows(str(folder / OURS.nfts), str(folder / OURS.traits))
        if (found["nfts"], found["identifiers"]) != (items, items):
            message = f"this project: {found}, and not {items} NFTs"
            raise SystemExit(message)
        return run


def _script(script: str, upstream: MemoryUpstream) -> _Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, str(_PEERS / script), upstream.base_url, name]
        own = {**environment(upstream.base_url, folder), "WORKERS": str(_CONCURRENCY)}
        return _run(command, upstream, folder, own)


def _raw(upstream: MemoryUpstream, concurrency: int, items: int) -> _Run:
    with tempfile.TemporaryDirectory() as name:
        words = [upstream.base_url, ",".join(upstream.hosts), str(concurrency), str(items)]
        command = [sys.executable, str(_PEERS / "raw_client.py"), *words]
        return _run(command, upstream, Path(name), {})


def _run(
    command: Sequence[str], upstream: MemoryUpstream, folder: Path, environ: Mapping[str, str]
) -> _Run:
    upstream.begin_anew()
    measured = measure(command, upstream, folder, environ)
    return _Run(measured, _fetching(folder / "words"), upstream.counts().most_at_once)


def _fetching(words: Path) -> float:
    """The seconds that a program says it fetched, from the last such line of its output."""
    for line in reversed(words.read_text().splitlines()):
        if line.startswith("{") and '"timings"' in line:
            seconds: float = json.loads(line)["timings"]["fetching"]
            return seconds
    message = f"{words} does not say how long the fetching took."
    raise SystemExit(message)


def _row(title: str, runs: Sequence[_Run], concurrency: int, options: argparse.Namespace) -> str:
    ideal = concurrency / options.latency
    fetching = [run.fetching for run in runs]
    spread = f" ({min(fetching):.2f}-{max(fetching):.2f})" if len(runs) > 1 else ""
    rate = statistics.median(run.rate for run in runs)
    cells = [
        title,
        f"{runs[0].measured.requests:,}",
        f"{max(run.most_at_once for run in runs)}",
        f"{statistics.median(fetching):.2f}{spread}",
        f"{rate:,.0f}",
        f"{rate / ideal:.1%}",
        f"{statistics.median(run.measured.wall for run in runs):.2f}",
        f"{statistics.median(run.whole_rate for run in runs) / ideal:.1%}",
        f"{statistics.median(run.measured.cpu for run in runs):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
