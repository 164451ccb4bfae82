"""Whether time grows with the number of NFTs, and memory does not.

python benchmarks/scaling.py [--sizes 1000 5000 36600 366000] [--rounds 1]
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contenders import OURS, environment
from measured_run import Measured, counted_rows, measure
from report import circumstances, replace_measured
from static_upstream import Upstream, serving
from upstream_data import trait_rows

_COLUMNS = (
    "| NFTs | run | wall s | µs an NFT | µs a further NFT | CPU s | peak MB "
    "| MB on the disk: data | cache | upstream requests |"
)
_HEAD = (_COLUMNS, "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
_ONE_PAGE = 200
_TITLES = ("cold", "second")
_BLOCK = 512  # bytes, what st_blocks counts (stat(2))


@dataclass(frozen=True)
class _Run:
    """One run, and the bytes that it left on the disk."""

    measured: Measured
    data: int
    cache: int


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    with serving(_ONE_PAGE) as upstream:
        _round(_ONE_PAGE, upstream)  # the first run in a new environment compiles every module
    found: dict[int, list[tuple[_Run, _Run]]] = {}
    name = ""
    for size in sorted(set(options.sizes)):
        with serving(size) as upstream:
            if not upstream.regular:
                message = "nginx is missing, and nothing else answers so many requests alike."
                raise SystemExit(message)
            name = upstream.name
            found[size] = [_round(size, upstream) for _ in range(options.rounds)]
    lines = [
        *circumstances(name, load),
        "One round." if options.rounds == 1 else f"Medians of {options.rounds} rounds.",
        "",
        *_HEAD,
        *_rows(found),
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("scaling", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000, 5_000, 36_600, 366_000], metavar="NFTS"
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    options = parser.parse_args()
    if min(options.rounds, *options.sizes) < 1:
        parser.error("sizes and rounds begin at 1")
    return options


def _round(size: int, upstream: Upstream) -> tuple[_Run, _Run]:
    """A cold and a second run; SystemExit when rows are missing, or are there twice."""
    traits = trait_rows(size)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = []
        for title in _TITLES:
            command = OURS.command(upstream.base_url, folder)
            own = environment(upstream.base_url, folder)
            del own["OPENSEA_API_KEY"]  # the upstream's instant key has no quota to wait for
            measured = measure(command, upstream, folder, own)
            found = counted_rows(str(folder / OURS.nfts), str(folder / OURS.traits))
            if (found["nfts"], found["identifiers"], found["traits"]) != (size, size, traits):
                message = f"{size} NFTs, {title}: {found}, and not {traits} traits"
                raise SystemExit(message)
            cache = folder / "output" / ".cache"
            cached = _size(cache)
            runs.append(_Run(measured, _size(folder / "output") - cached, cached))
            print(f"{size} NFTs, {title}: {measured.wall:.1f} s", file=sys.stderr, flush=True)
        return runs[0], runs[1]


def _size(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk; what is linked twice counts once."""
    stats = [path.lstat() for path in folder.rglob("*")]
    return sum({each.st_ino: each.st_blocks * _BLOCK for each in stats}.values())


def _rows(found: Mapping[int, Sequence[tuple[_Run, _Run]]]) -> Iterator[str]:
    """Two rows a size; a further NFT is one more than the size before has."""
    before: dict[str, tuple[int, float]] = {}
    for size, rounds in found.items():
        for title, runs in zip(_TITLES, zip(*rounds, strict=True), strict=True):
            wall, cpu, memory, requests = (
                statistics.median(getattr(run.measured, name) for run in runs)
                for name in ("wall", "cpu", "memory", "requests")
            )
            less, shorter = before.get(title, (0, 0.0))
            before[title] = (size, wall)
            further = f"{(wall - shorter) / (size - less) * 1e6:,.0f}" if less else ""
            cells = [
                f"{size:,}",
                title,
                f"{wall:.1f}",
                f"{wall / size * 1e6:,.0f}",
                further,
                f"{cpu:.1f}",
                f"{memory / 1e6:.0f}",
                f"{statistics.median(run.data for run in runs) / 1e6:.1f}",
                f"{statistics.median(run.cache for run in runs) / 1e6:.1f}",
                f"{requests:,.0f}",
            ]
            yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
