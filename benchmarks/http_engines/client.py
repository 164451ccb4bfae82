"""One measured client process; `run.py` starts it. PROFILE=tottime shows where the time goes."""

import asyncio
import cProfile
import json
import logging
import os
import pstats
import resource
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
import uvloop
from engines import ENGINES

_WARM_UP = 300
_SIZE = 1_200


@dataclass(frozen=True)
class Task:
    """What to measure; in this order on the command line."""

    engine: str
    loop: str
    requests: int
    concurrency: int
    authority: str
    base_url: str


async def _measure(task: Task) -> dict[str, float]:
    context = ssl.create_default_context(cafile=task.authority)
    async with ENGINES[task.engine](task.base_url, context, task.concurrency) as get_all:
        await get_all([f"/warm/{number}" for number in range(_WARM_UP)])
        before, started = _cpu(), time.perf_counter()
        with _profiled():
            size = await get_all([f"/item/{number}" for number in range(task.requests)])
        wall = time.perf_counter() - started
    cpu = _cpu() - before
    if size != task.requests * _SIZE:
        message = f"{task.engine} read {size} bytes"
        raise SystemExit(message)
    return {
        "cpu_us": cpu / task.requests * 1e6,
        "rps": task.requests / wall,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@contextmanager
def _profiled() -> Iterator[None]:
    order = os.environ.get("PROFILE")
    if not order:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    pstats.Stats(profile, stream=sys.stderr).sort_stats(order).print_stats(60)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    engine, loop, requests, concurrency, authority, base_url = sys.argv[1:]
    task = Task(engine, loop, int(requests), int(concurrency), authority, base_url)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    factory = uvloop.new_event_loop if loop == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(_measure(task))))


main()
