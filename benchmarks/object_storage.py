"""What a commit and a query cost in an object store, next to a folder on this machine's disk.

The store is moto's server on loopback, so what is counted are our own work and the requests; each
of these takes its network's time more elsewhere.

python benchmarks/object_storage.py [--rows 22000] [--rounds 7]
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from dependency_injector import providers

from application.ports.query_engine import Query
from entrypoints.container import Container
from entrypoints.settings import Settings
from tests.support.s3_proxy import S3Proxy, running_proxy
from tests.support.s3_server import made_bucket, running_server
from tests.support.sample_runs import item_rows, sample_run, seal_items


class Story:
    """Runs of a target in one data folder."""

    def __init__(self, settings: Settings, rows: int) -> None:
        self._container = Container(settings=providers.Object(settings))
        self._rows = rows
        self._runs = 0

    def begin_at(self, run: int) -> None:
        """Number the runs from here on."""
        self._runs = run

    def commit(self) -> None:
        """Stage, merge, commit and publish."""
        self._runs += 1
        rows = item_rows(self._rows + self._runs)
        asyncio.run(self._committed(rows))

    async def _committed(self, rows: Any) -> None:
        log, run = self._container.manifests(), sample_run(f"R{self._runs:04}")
        async with self._container.lock().hold("test", "things"):
            await self._container.writer().sweep()
            await self._container.run_log().save(run)
            await seal_items(self._container.writer(), run, rows, commit_to=log)
            await self._container.publisher().publish(await log.latest(), "things")

    def query(self) -> None:
        """Find the newest version and count its rows."""
        manifest = asyncio.run(self._container.manifests().latest())
        engine = self._container.query_engine()
        with engine.run(Query("select count(*) from items"), manifest, []) as result:
            (batch,) = result.batches()
        if batch.num_rows != 1:
            message = "nothing was counted"
            raise SystemExit(message)


def measured(work: Callable[[], None], rounds: int) -> float:
    """The median in milliseconds; the first one is left out."""
    found = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found[1:])


def requests(proxy: S3Proxy, work: Callable[[], None]) -> str:
    """What one of it asks the store for."""
    proxy.asked.clear()
    work()
    counted = Counter(method for method, *_ in proxy.asked)
    return ", ".join(f"{number} {method}" for method, number in sorted(counted.items()))


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=22_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        running_server() as endpoint,
        running_proxy(endpoint) as proxy,
    ):
        bucket = made_bucket(endpoint)
        os.environ.update(bucket.environ)
        state = Path(name, "state")
        local = Story(Settings(data_dir=Path(name, "output"), state_dir=state), given.rows)
        remote = Story(Settings(data_dir=bucket.address, state_dir=state), given.rows)
        print(f"Medians of {given.rounds}, {given.rows:,} rows a commit.\n")
        print("| | folder on a disk, ms | object store, ms | requests |")
        print("|---|---:|---:|---|")
        for title, here, there in (
            ("stage, commit, publish", local.commit, remote.commit),
            ("query the newest version", local.query, remote.query),
        ):
            times = [measured(work, given.rounds) for work in (here, there)]
            os.environ["AWS_ENDPOINT_URL"] = proxy.endpoint
            counted = Story(Settings(data_dir=bucket.address, state_dir=state), given.rows)
            counted.begin_at(100)
            asked = requests(proxy, getattr(counted, there.__name__))
            os.environ["AWS_ENDPOINT_URL"] = endpoint
            print(f"| {title} | {times[0]:.0f} | {times[1]:.0f} | {asked} |")


if __name__ == "__main__":
    main()
