"""CPU of one cache hit: ours, the raw stores below it, and other caches, in one sitting.

python benchmarks/cache_hits/run.py [--urls 4096] [--rounds 7] [--output FILE]
"""

import argparse
import gc
import importlib.metadata
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from itertools import batched, cycle
from pathlib import Path

import structlog
import uvloop
from contenders import (
    CONTENDERS,
    OURS_REDIS,
    OURS_SQLITE,
    RAW_REDIS,
    RAW_SQLITE,
    RAW_THREAD,
    STORE_REDIS,
    STORE_SQLITE,
    Ask,
    Place,
)
from upstream import BODY_BYTES

_BATCH = 64
_LEAST_SECONDS = 0.2
_LIBRARIES = ("redis", "hiredis", "msgspec", "hishel", "requests-cache", "aiohttp-client-cache")
_RATIOS = (
    ("store, Redis ÷ raw MGET", STORE_REDIS, RAW_REDIS),
    ("store, SQLite ÷ raw SELECT", STORE_SQLITE, RAW_SQLITE),
    ("store, SQLite ÷ raw SELECT in a thread", STORE_SQLITE, RAW_THREAD),
    ("whole path, Redis ÷ raw MGET", OURS_REDIS, RAW_REDIS),
    ("whole path, SQLite ÷ raw SELECT", OURS_SQLITE, RAW_SQLITE),
    ("whole path, SQLite ÷ raw SELECT in a thread", OURS_SQLITE, RAW_THREAD),
    ("hishel, Redis ÷ whole path, Redis", "hishel, Redis", OURS_REDIS),
    ("hishel, SQLite ÷ whole path, SQLite", "hishel, SQLite", OURS_SQLITE),
    ("requests-cache ÷ whole path, SQLite", "requests-cache, SQLite", OURS_SQLITE),
    ("aiohttp-client-cache ÷ whole path, SQLite", "aiohttp-client-cache, SQLite", OURS_SQLITE),
)


def main() -> None:
    """Measure and print; write the same to a file if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--urls", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    options = parser.parse_args()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    load = os.getloadavg()[0]
    costs = uvloop.run(_measured(options.urls, options.rounds))
    text = "\n".join(_report(costs, options.urls, options.rounds, load))
    print(text)
    if options.output:
        options.output.write_text(text + "\n")


async def _measured(urls: int, rounds: int) -> Mapping[str, Sequence[float]]:
    """CPU µs of a hit, by contender, a figure a round."""
    costs: dict[str, list[float]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="adp-")))
        redis_url = stack.enter_context(_redis(folder))
        asks: dict[str, Ask] = {}
        with _upstream() as base_url:
            addresses = [f"{base_url}/metadata/{number:05}.json" for number in range(urls)]
            place = Place(folder, redis_url, base_url, addresses)
            for name, contender in CONTENDERS.items():
                _say(f"filling: {name}")
                asks[name] = await stack.enter_async_context(contender(place))
                await _fill(asks[name], addresses)
        batches = {name: cycle(batched(addresses, _BATCH)) for name in asks}
        for number in range(rounds):
            for name, ask in asks.items():
                costs[name].append(await _cpu_of_a_hit(ask, batches[name]))
            _say(f"round {number + 1} of {rounds}")
    return costs


async def _cpu_of_a_hit(ask: Ask, batches: Iterator[Sequence[str]]) -> float:
    """From as many batches as it takes for the clock to tell; the upstream is gone."""
    hits = 0
    gc.collect()
    before = time.process_time()
    while (spent := time.process_time() - before) < _LEAST_SECONDS:
        batch = next(batches)
        size = await ask(batch)
        if size < BODY_BYTES * len(batch):
            message = f"only {size} bytes came back"
            raise SystemExit(message)
        hits += len(batch)
    return spent / hits * 1e6


async def _fill(ask: Ask, addresses: Sequence[str]) -> None:
    """Twice: the second time what is written behind is written."""
    for _ in range(2):
        for batch in batched(addresses, _BATCH):
            await ask(batch)


@contextmanager
def _redis(folder: Path) -> Generator[str]:
    socket = folder / "redis.sock"
    options = ("--port", "0", "--save", "", "--unixsocket", str(socket), "--dir", str(folder))
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as process:
        while not socket.exists():
            time.sleep(0.01)
        time.sleep(0.2)  # the file is there a moment before anybody listens at it
        yield f"unix://{socket}"
        process.terminate()


@contextmanager
def _upstream() -> Generator[str]:
    command = [sys.executable, Path(__file__).with_name("upstream.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


def _report(costs: Mapping[str, Sequence[float]], urls: int, rounds: int, load: float) -> list[str]:
    medians = {name: statistics.median(each) for name, each in costs.items()}
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES)
    best = medians[OURS_SQLITE]
    rows = [
        f"| {name} | {medians[name]:,.1f} | {min(each):,.1f}-{max(each):,.1f} "
        f"| {medians[name] / best:.2f} |"
        for name, each in costs.items()
    ]
    ratios = [f"| {title} | {_ratio(costs[a], costs[b]):.2f} |" for title, a, b in _RATIOS]
    method = (
        f"`python benchmarks/cache_hits/run.py --urls {urls} --rounds {rounds}`: CPU of one hit "
        f"(user and system time of the client's process, all threads), {urls:,} answers of "
        f"{BODY_BYTES:,} bytes in batches of {_BATCH}, medians of {rounds} alternating rounds. "
        "The raw stores read the very bytes that ours hold, and decode nothing."
    )
    circumstances = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}; load of the "
        f"machine beforehand {load:.1f}."
    )
    return [
        "### A cache hit",
        "",
        method,
        circumstances,
        "",
        "| | CPU µs a hit | range | ÷ ours over SQLite |",
        "|---|---:|---:|---:|",
        *rows,
        "",
        "| ratio, median of the rounds' own | |",
        "|---|---:|",
        *ratios,
        "",
    ]


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' own ratios: what disturbs a round disturbs both."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
