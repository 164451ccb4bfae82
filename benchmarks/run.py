"""Our ingest next to what its users would take instead, in one sitting, in alternating rounds.

python benchmarks/run.py [--sizes 5000 36600] [--rounds 3] [--peers hand dlt-arrow dlt-rest]
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measured_run import Measured, measure
from static_upstream import serving

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
PEERS = {"hand": "hand_aiohttp.py", "dlt-arrow": "dlt_arrow.py", "dlt-rest": "dlt_rest_api.py"}
NAMES = {
    "cold": "this project, cold",
    "warm": "this project, second run",
    "hand": "hand-written aiohttp script",
    "dlt-arrow": "dlt, own aiohttp code to Arrow",
    "dlt-rest": "dlt, rest_api source",
}
SMALL = 5_000  # dlt's rest_api source needs minutes for more
LIBRARIES = ("httpx", "aiohttp", "dlt", "pyarrow", "duckdb")


def main() -> None:
    """Measure, print, and write the table into RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 36_600])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    options = parser.parse_args()
    report = [_machine(), ""]
    for size in options.sizes:
        peers = [peer for peer in options.peers if peer != "dlt-rest" or size <= SMALL]
        report += _table(size, options.rounds, _rounds(size, options.rounds, peers))
    report += _start_up()
    text = "\n".join(report)
    print(text)
    if options.write:
        before, _, rest = RESULTS.read_text().partition(START)
        _, _, after = rest.partition(END)
        RESULTS.write_text(f"{before}{START}\n{text}\n{END}{after}")


def _rounds(size: int, rounds: int, peers: list[str]) -> dict[str, list[Measured]]:
    figures: dict[str, list[Measured]] = defaultdict(list)
    with serving(size) as base_url:
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                for kind in ("cold", "warm"):
                    figures[kind].append(_ours(base_url, Path(folder)))
            for peer in peers:
                with tempfile.TemporaryDirectory() as folder:
                    script = str(HERE / "peers" / PEERS[peer])
                    command = [sys.executable, script, base_url, f"{folder}/out"]
                    figures[peer].append(measure(command, base_url, Path(folder), {}))
            last = {kind: f"{each[-1].wall:.1f} s" for kind, each in figures.items()}
            print(f"{size} NFTs, round {number + 1}: {last}", file=sys.stderr)
    counts = {(each.nfts, each.traits) for runs in figures.values() for each in runs}
    if len(counts) != 1:
        message = f"The peers disagree about the rows: {counts}"
        raise SystemExit(message)
    return figures


def _ours(base_url: str, folder: Path) -> Measured:
    app = str(Path(sys.executable).with_name("app"))
    environment = {
        "APP_SOURCES__OPENSEA__BASE_URL": base_url,
        "APP_HTTP__ALLOW_PRIVATE": "127.0.0.1",
        "OPENSEA_API_KEY": "bench",
        "APP_DATA_DIR": str(folder / "output"),
    }
    return measure([app, "ingest", "nft", "dxterminal", "--json"], base_url, folder, environment)


def _table(size: int, rounds: int, figures: dict[str, list[Measured]]) -> list[str]:
    middle = {kind: _median(runs) for kind, runs in figures.items()}
    ours = middle["cold"]
    lines = [
        f"### {size:,} NFTs, {ours.traits:,} traits",
        "",
        f"Medians of {rounds} alternating rounds; ratio = wall time to ours cold.",
        "",
        "| | wall s | CPU s | peak MB | upstream requests | wall ratio |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {NAMES[kind]} | {each.wall:.1f} | {each.cpu:.1f} | {each.memory / 1e6:.0f} "
        f"| {each.requests:,} | {each.wall / ours.wall:.2f} |"
        for kind, each in middle.items()
    ]
    return [*lines, ""]


def _start_up() -> list[str]:
    """What a command costs before it does anything, next to Python with DuckDB alone."""
    app = str(Path(sys.executable).with_name("app"))
    plain = "import duckdb; print(duckdb.sql('select 1').fetchall())"
    commands = {
        "`app --help`": [app, "--help"],
        '`app query "select 1"`': [app, "query", "select 1"],
        "`python -c` with DuckDB alone": [sys.executable, "-c", plain],
    }
    lines = ["### Start-up", "", "| | wall s, median of 7 |", "|---|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        for name, command in commands.items():
            walls = [_wall(command, folder) for _ in range(8)][1:]
            lines.append(f"| {name} | {statistics.median(walls):.2f} |")
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


def _median(runs: list[Measured]) -> Measured:
    def of(name: str) -> float:
        return statistics.median(getattr(run, name) for run in runs)

    whole = {name: int(of(name)) for name in ("memory", "requests", "nfts", "traits")}
    return Measured(of("wall"), of("cpu"), **whole)


def _machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    today = datetime.fromtimestamp(time.time(), UTC).date()
    return (
        f"{today}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}."
    )


if __name__ == "__main__":
    main()
