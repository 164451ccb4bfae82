"""What a target costs when there are thousands of them, and what stays usable then.

python benchmarks/many_targets.py [--targets 1000 10000]

`app ingest crypto T00001 …` over an upstream on loopback that has eleven daily candles of any
pair, then the same again, then the commands that look at all that is published.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from contenders import APP
from measured_run import Measured, measure
from report import circumstances, replace_measured
from static_upstream import Upstream

_LIST = "all"
_INGEST = ("ingest", "crypto", f"@{_LIST}", "-p", "interval=1d")
_LOOKING: dict[str, Sequence[str]] = {
    "app ingest crypto @all --dry-run": (*_INGEST, "--dry-run"),
    'app query "select count(*) from candles"': ("query", "select count(*) from candles"),
    "app query, one symbol": ("query", "select * from candles where symbol = 'T00007'"),
    "app query, meta.runs": ("query", "select state, count(*) from meta.runs group by all"),
    "app datasets": ("datasets",),
    "app runs": ("runs",),
    "app ingest of one more target": ("ingest", "crypto", "MORE", "-p", "interval=1d"),
}
_PACE = """
select round(1000 * date_diff('millisecond', min(finished_at), max(finished_at)) / 1000.0
  / count(*), 1) as ms
from (select finished_at, ntile(5) over (order by finished_at, run_id) as part from meta.runs)
group by part order by part
"""
_HEAD = (
    (
        "| targets | run | wall s | ms a target | CPU ms a target | peak MB | versions "
        "| MB of manifests | upstream requests |"
    ),
    "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
)


def main() -> None:
    """Measure, print, and write the tables into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    rows: list[str] = []
    looks: dict[str, list[str]] = {name: [] for name in _LOOKING}
    paces: list[str] = []
    for targets in options.targets:
        with _serving() as upstream, tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            own = _environment(upstream.base_url, folder, targets)
            for run in ("first", "again"):
                found = measure([str(APP), *_INGEST], upstream, folder, own)
                rows.append(_row(targets, run, found, folder / "output"))
                if run == "first":
                    paces.append(f"{targets:,} targets: {_pace(folder, own)}")
            for look, words in _LOOKING.items():
                found = measure([str(APP), *words], upstream, folder, own)
                looks[look].append(f"{found.wall:.1f} s, {found.memory / 1e6:.0f} MB")
    lines = [
        *circumstances("own server, eleven candles a pair", load),
        *_HEAD,
        *rows,
        "",
        "Milliseconds from one target to the next, by fifths of the first run: "
        + "; ".join(paces)
        + ".",
        "",
        f"| command | {' | '.join(f'{each:,} targets' for each in options.targets)} |",
        f"|---|{'---:|' * len(options.targets)}",
        *(f"| `{look}` | {' | '.join(cells)} |" for look, cells in looks.items()),
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("many-targets", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--targets", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    return parser.parse_args()


@contextmanager
def _serving() -> Iterator[Upstream]:
    program = str(Path(__file__).with_name("candle_server.py"))
    process = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True)
    try:
        base_url = process.stdout.readline().strip() if process.stdout else ""
        if not base_url:
            message = "The upstream does not answer; its words stand above."
            raise SystemExit(message)

        def asked() -> int:
            with urllib.request.urlopen(f"{base_url}/status") as answer:
                return int(json.load(answer)["requests"])

        yield Upstream("own server", base_url, asked, regular=True)
    finally:
        process.terminate()
        process.wait()


def _environment(base_url: str, folder: Path, targets: int) -> dict[str, str]:
    names = [f"T{number:05}" for number in range(1, targets + 1)]
    (folder / "app.toml").write_text(f"[lists]\n{_LIST} = {json.dumps(names)}\n")
    return {
        "APP_DATA_DIR": str(folder / "output"),
        "APP_STATE_DIR": str(folder / "state"),
        "APP_SOURCES__BINANCE__BASE_URL": base_url,
    }


def _row(targets: int, run: str, found: Measured, output: Path) -> str:
    manifests = list((output / "_catalog" / "v").glob("*.json"))
    size = sum(path.stat().st_size for path in manifests)
    return (
        f"| {targets:,} | {run} | {found.wall:.0f} | {1000 * found.wall / targets:.1f} "
        f"| {1000 * found.cpu / targets:.1f} | {found.memory / 1e6:.0f} | {len(manifests)} "
        f"| {size / 1e6:.0f} | {found.requests:,} |"
    )


def _pace(folder: Path, own: dict[str, str]) -> str:
    said = subprocess.run(
        [APP, "query", _PACE, "--format", "json"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **own},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return ", ".join(f"{each['ms']:.0f}" for each in json.loads(said))


if __name__ == "__main__":
    main()
