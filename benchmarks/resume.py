"""What a run repeats that goes on after `kill -9`.

python benchmarks/resume.py [--nfts 5000] [--kills 0.3 0.5 0.7] [--latency 0.005]

The ingest is killed when the upstream has been asked so much, and the same command is given
again. The upstream counts what it is asked twice: answers that nobody may keep (`no-store`) may
be asked again as far as they came after the last checkpoint, those that may be kept come from the
cache. Lists may never be kept.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contenders import OURS, environment
from measured_run import counted_rows, measure
from memory_upstream import MemoryUpstream, serving_from_memory
from report import circumstances, replace_measured

_PATIENCE = 120.0  # seconds until a run has asked enough to be killed
_LOOK_AGAIN = 0.003
_COLUMNS = (
    "| documents | killed after requests | of them after the last checkpoint "
    "| requests of the next run | asked twice | of it lists | next run s |"
)
_HEAD = (_COLUMNS, "|---|---:|---:|---:|---:|---:|---:|")
_DOCUMENTS = {"no-store": "may not be kept", "max-age=3600": "may be kept"}


@dataclass(frozen=True)
class _Outcome:
    """What one kill cost, in requests; `wall` is seconds of the run that went on."""

    killed_after: int
    since_checkpoint: int
    requests: int
    repeated: int
    repeated_lists: int
    wall: float


def main() -> None:
    """Measure, print, and write the table into RESULTS.md if asked to."""
    options = _options()
    load = os.getloadavg()[0]
    rows, name = [], ""
    for cache_control, documents in _DOCUMENTS.items():
        for share in options.kills:
            with serving_from_memory(
                options.nfts, latency=options.latency, cache_control=cache_control
            ) as upstream:
                name = upstream.name
                rows.append(_row(documents, _killed(upstream, options.nfts, share)))
    lines = [
        *circumstances(name, load),
        f"{options.nfts:,} NFTs: `{OURS.shown()}`, `kill -9`, the same command again.",
        "",
        *_HEAD,
        *rows,
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        replace_measured("resume", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nfts", type=int, default=5_000)
    parser.add_argument(
        "--kills", type=float, nargs="+", default=[0.3, 0.5, 0.7], help="parts of the requests"
    )
    parser.add_argument("--latency", type=float, default=0.005, help="seconds before an answer")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    options = parser.parse_args()
    if not all(0 < each < 1 for each in options.kills):
        parser.error("kills lie between 0 and 1")
    return options


def _killed(upstream: MemoryUpstream, items: int, share: float) -> _Outcome:
    """One kill, and the run that goes on; SystemExit when its rows are not all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = environment(upstream.base_url, folder, upstream.hosts)
        command = OURS.command(upstream.base_url, folder)
        _kill(command, folder, own, upstream, int(items * share))
        before = upstream.counts()
        kept = _kept(folder / "output")
        next_run = measure(command, upstream, folder, own)
        found = counted_rows(str(folder / OURS.nfts), str(folder / OURS.traits))
        if (found["nfts"], found["identifiers"]) != (items, items):
            message = f"killed at {share:.0%}: {found}, and not {items} NFTs"
            raise SystemExit(message)
        after = upstream.counts()
        return _Outcome(
            killed_after=before.requests,
            since_checkpoint=before.requests - kept,
            requests=next_run.requests,
            repeated=after.repeated,
            repeated_lists=after.repeated_lists,
            wall=next_run.wall,
        )


def _kill(
    command: Sequence[str],
    folder: Path,
    own: Mapping[str, str],
    upstream: MemoryUpstream,
    after: int,
) -> None:
    """Run a command until the upstream has been asked so often; SystemExit when it ends before."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **own},
        cwd=folder,
        start_new_session=True,
    )
    end = time.monotonic() + _PATIENCE
    try:
        while upstream.requests() < after:
            if process.poll() is not None or time.monotonic() > end:
                message = f"The run ended, or stood still, before it had asked {after} times."
                raise SystemExit(message)
            time.sleep(_LOOK_AGAIN)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _kept(output: Path) -> int:
    """The answers that the checkpoint of the killed run has taken in; 0 without one."""
    for path in output.glob("_staging/*/checkpoint.json"):
        walk = json.loads(path.read_bytes())["checkpoint"]["walk"]
        answers: int = walk["items"] + walk["pages"]
        return answers
    return 0


def _row(documents: str, outcome: _Outcome) -> str:
    print(f"{documents}: {outcome}", file=sys.stderr, flush=True)
    cells = [
        documents,
        f"{outcome.killed_after:,}",
        f"{outcome.since_checkpoint:,}",
        f"{outcome.requests:,}",
        f"{outcome.repeated:,}",
        f"{outcome.repeated_lists:,}",
        f"{outcome.wall:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
