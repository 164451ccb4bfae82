"""A program that forks one life of the engine after another, so that each starts at once.

Each line on stdin is a data folder, a number of items and a gate (a FIFO); the child says its
process id, waits for a byte at the gate, ingests that many items over the real storage, and ends
with 0, with 1 for an error that the program foresees, or with 2 for any other.
"""

import asyncio
import logging
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import structlog

from adapters.catalog.catalog_file import CatalogFile
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import FileCheckpoints
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.flock_run_lock import FlockRunLock
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from adapters.system.system_clock import SystemClock
from adapters.system.ulid_run_ids import UlidRunIds
from application.ingest_request import IngestRequest
from domain.errors import PipelineError
from tests.fakes.fake_fetchers import FakeFetcher, FakeFetchers
from tests.fakes.fake_progress import FakeProgress
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE, sample_answers
from tests.support.engine import Engine

_ANSWERS = 9  # a descriptor that nothing else has


async def ingest(root: Path, items: int) -> None:
    """Publish so many items, with all blocking work in one thread: its calls can be counted."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    folder, clock = DataFolder(root), SystemClock()
    manifests, runs = FileManifestLog(folder), FileRunLog(folder)
    engine = Engine(
        registry=FakeSourceRegistry(SAMPLE),
        fetchers=FakeFetchers(FakeFetcher(sample_answers(items))),
        writer=ParquetDatasetWriter(folder, manifests, clock),
        checkpoints=FileCheckpoints(folder),
        manifests=manifests,
        publisher=FilePublisher(folder, runs, CatalogFile(folder.root).build),
        runs=runs,
        lock=FlockRunLock(folder, clock),
        clock=clock,
        run_ids=UlidRunIds(clock),
    ).one()
    await engine.execute(IngestRequest(domain="test", target="things"), FakeProgress())


def _live(root: Path, items: int, gate: Path) -> int:
    descriptor = os.open(gate, os.O_RDWR)
    _say(str(os.getpid()))
    os.read(descriptor, 1)
    try:
        asyncio.run(ingest(root, items))
    except PipelineError as error:
        with suppress(OSError):
            os.write(sys.stderr.fileno(), f"{error}\n".encode())
        return 1
    except BaseException:  # noqa: BLE001  # reported, whatever it is
        with suppress(OSError):
            os.write(sys.stderr.fileno(), traceback.format_exc().encode())
        return 2
    return 0


def _say(line: str) -> None:
    os.write(_ANSWERS, f"{line}\n".encode())


def main() -> None:
    """Fork for each line, and say how it ended."""
    os.dup2(sys.stdout.fileno(), _ANSWERS)
    pa.array([""])  # looks for pandas: in here, and not in a life
    # A log that cannot be written is another matter.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _say("ready")
    for line in sys.stdin:
        root, items, gate = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            code = 3
            try:
                code = _live(Path(root), int(items), Path(gate))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        _say(str(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()
