"""Our ingest next to what its users would take instead, in one sitting, in alternating rounds.

python benchmarks/run.py [--sizes 5000 36600] [--rounds 3] [--peers hand dlt-arrow …] [--patient]
"""

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from contenders import OURS, PEERS, Contender, environment, scrapy_version
from measured_run import Measured, counted_rows, measure
from report import circumstances, replace_measured, table
from start_up import start_up
from static_upstream import Upstream, serving

_COLD, _WARM = "this project, cold", "this project, second run"
_ONE_PAGE = 200


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    peers = [PEERS[name] for name in options.peers]
    others = [scrapy_version()] if any("scrapy" in name for name in options.peers) else []
    if options.patient:
        peers = [replace(peer, largest=None) for peer in peers]
    with serving(_ONE_PAGE, sandbox=options.sandbox) as upstream:
        name = upstream.name
        _warm_up(upstream, [OURS, *peers])
    lines = circumstances(name, load, others)
    for size in options.sizes:
        with serving(size, sandbox=options.sandbox) as upstream:
            taking_part = [peer for peer in peers if peer.fits(size, upstream)]
            lines += _compare(size, options.rounds, upstream, taking_part)
    lines += start_up()
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("bench", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 36_600], metavar="NFTS")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--sandbox", action="store_true", help="ask the sandbox, not nginx")
    parser.add_argument(
        "--patient", action="store_true", help="also measure what takes minutes at these sizes"
    )
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    options = parser.parse_args()
    if min(options.rounds, *options.sizes) < 1:
        parser.error("sizes and rounds begin at 1")
    return options


def _warm_up(upstream: Upstream, contenders: Sequence[Contender]) -> None:
    """Run each once unmeasured: the first run in a new environment compiles every module."""
    for contender in contenders:
        if contender.fits(_ONE_PAGE, upstream):
            with tempfile.TemporaryDirectory() as folder:
                _run(contender, upstream, Path(folder))


def _compare(size: int, rounds: int, upstream: Upstream, peers: Sequence[Contender]) -> list[str]:
    """One table; SystemExit when two of them have found different rows."""
    runs: dict[str, list[Measured]] = defaultdict(list)
    expected: dict[str, int] = {}
    for number in range(rounds):
        for contender in (OURS, *peers):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                for title in (_COLD, _WARM) if contender is OURS else (contender.title,):
                    run = _run(contender, upstream, folder)
                    runs[title].append(run)
                    found = counted_rows(
                        str(folder / contender.nfts), str(folder / contender.traits)
                    )
                    expected = expected or {**found, "nfts": size, "identifiers": size}
                    if found != expected:
                        message = f"{title}: {found}, and not {expected}"
                        raise SystemExit(message)
                    _say(f"{size} NFTs, round {number + 1}, {title}: {run.wall:.1f} s")
    commands = {peer.title: peer.shown() for peer in peers}
    commands |= {_COLD: OURS.shown(), _WARM: OURS.shown()}
    return table(f"{size:,} NFTs, {expected['traits']:,} traits", commands, runs)


def _run(contender: Contender, upstream: Upstream, folder: Path) -> Measured:
    command = contender.command(upstream.base_url, folder)
    return measure(command, upstream, folder, environment(upstream.base_url, folder))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
