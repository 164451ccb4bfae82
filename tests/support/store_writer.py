"""A process that commits to a store again and again, and may be killed at any of its requests."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.storage.s3.s3_objects import S3Objects
from domain.runs import RunState
from tests.support.s3_server import Bucket
from tests.support.sample_runs import item_rows, sample_run, seal_items

KILLED = 9
_REQUESTS = ("read", "head", "listed", "write", "create", "replace", "upload", "copy", "delete")


async def write(bucket: Bucket, home: Path, target: str, rounds: int) -> None:
    """Whole runs of a target, as an ingest makes them."""
    machine = bucket.machine(home)
    log, runs, writer = machine.remote.manifests, machine.remote.runs, machine.remote.writer()
    publisher = machine.remote.publisher()
    for number in range(rounds):
        run = sample_run(f"P{os.getpid()}N{number:03}", target)
        async with machine.remote.lock().hold("test", target):
            await writer.sweep()
            await runs.save(run)
            sealed = await seal_items(writer, run, item_rows(50 + number), commit_to=log)
            version = await log.version_of(run.run_id)
            counts = dict(sealed.tables)
            await runs.save(replace(run, state=RunState.SUCCEEDED, tables=counts, version=version))
            await publisher.publish(await log.latest(), target)


def write_once(bucket: Bucket, home: Path, kill_at: int) -> None:
    """One run, whose process dies before its n-th request; never for 0."""
    left = [kill_at]

    def dying(request: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)
            return request(*arguments, **options)

        return asked

    for name in _REQUESTS:
        setattr(S3Objects, name, dying(getattr(S3Objects, name)))
    asyncio.run(write(bucket, home, "things", 1))


if __name__ == "__main__":
    endpoint, bucket_name, folder, of, count = sys.argv[1:]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    asyncio.run(write(Bucket(endpoint, bucket_name), Path(folder), of, int(count)))
