"""Commits and publishing killed at random moments: what is there is always whole."""

import asyncio
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from adapters.catalog.catalog_file import CatalogFile
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from domain.manifest import Manifest
from tests.fakes.fake_clock import FakeClock

ROOT = Path(__file__).parents[2]
_COMMIT_FOR_EVER = """
import asyncio, os, sys
sys.modules["numpy"] = None  # as the program does: a commit that loads pandas begins too late
from pathlib import Path
from adapters.catalog.catalog_file import CatalogFile
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from tests.fakes.fake_clock import FakeClock
from tests.support.sample_runs import item_rows, sample_run, seal_items

async def main():
    folder = DataFolder(Path(sys.argv[1]))
    log = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, log, FakeClock())
    publisher = FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)
    print("ready", flush=True)
    await writer.sweep()
    number = 0
    while True:
        run = sample_run(f"{os.getpid()}R{number}")
        await seal_items(writer, run, item_rows(200), details=200, commit_to=log)
        number += 1
        if number % 2:
            await publisher.publish(await log.latest(), "things")

asyncio.run(main())
"""


def assert_whole(folder: DataFolder) -> Manifest:
    """Every file of the newest version is there, as it was written, and of one run."""
    manifest = asyncio.run(FileManifestLog(folder).latest())
    for table in manifest.tables.values():
        for dataset in table.datasets.values():
            for file in dataset.files:
                path = folder.root / file.path
                assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
                assert pq.read_metadata(path).num_rows == file.rows
    runs = {table.datasets["things"].run_id for table in manifest.tables.values()}
    assert len(runs) <= 1
    return manifest


def assert_derived_files_are_whole(folder: DataFolder, manifest: Manifest) -> None:
    """Each opens, and the catalog shows one version: both tables of one run."""
    for path in folder.root.glob("*.parquet"):
        assert pq.read_table(path, page_checksum_verification=True).num_rows in {200, 400}
    if not folder.catalog_file.exists():
        return
    with duckdb.connect(str(folder.catalog_file), read_only=True) as catalog:
        runs = catalog.sql(
            "select _run_id from test.items union select _run_id from test.details"
        ).fetchall()
        assert len(runs) == 1
        assert catalog.sql("select count(*) from test.items").fetchall() == [(200,)]
        assert catalog.sql("select count(*) from test.details").fetchall() == [(400,)]
    assert manifest.version


@pytest.mark.timeout(120)
def test_twenty_killed_commits_leave_whole_versions_and_no_strays(tmp_path: Path) -> None:
    """Versions only rise, without a gap, and the next sweep takes what a kill left."""
    folder = DataFolder(tmp_path / "output")
    chance = random.Random(7)
    version = 0
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMIT_FOR_EVER, str(folder.root)],
            cwd=ROOT, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
        )  # fmt: skip
        assert process.stdout is not None
        with process, process.stdout as output:
            first = output.readline()
            time.sleep(chance.uniform(0, 0.5))  # the moment is what is tested
            process.send_signal(signal.SIGKILL)
        assert first == b"ready\n"
        manifest = assert_whole(folder)
        assert_derived_files_are_whole(folder, manifest)
        assert manifest.version >= version
        version = manifest.version

    assert version >= 3
    log = FileManifestLog(folder)
    later = FakeClock(datetime.fromtimestamp(time.time() + 7200, UTC))
    asyncio.run(ParquetDatasetWriter(folder, log, later).sweep())
    publisher = FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)
    asyncio.run(publisher.publish(asyncio.run(log.latest())))
    assert sorted(path.name for path in folder.root.iterdir() if path.is_file()) == [
        "catalog.duckdb",
        "things_details.parquet",
        "things_items.parquet",
    ]
    assert [path.name for path in folder.versions.iterdir() if path.suffix == ".tmp"] == []
    names = sorted(path.name for path in folder.versions.glob("0*.json"))
    assert names == [f"{number:08}.json" for number in range(1, version + 1)]
    assert list(folder.staging.iterdir()) == []
    published = {
        path.name for number in names for path in folder.lake.glob("*/*/*/run=*")
        if path.name.removeprefix("run=") in (folder.versions / number).read_text()
    }  # fmt: skip
    assert {path.name for path in folder.lake.glob("*/*/*/run=*")} == published
