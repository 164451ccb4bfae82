"""Staged rows become one sorted, verified Parquet file a table."""

import asyncio
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from structlog.testing import capture_logs

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import CHECKPOINT, FileCheckpoints
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from adapters.storage.parquet_staging import ParquetStaging
from adapters.storage.staging_area import StagingArea
from application.ports.dataset_writer import DatasetWriter, SealedRun
from domain.errors import StorageError
from domain.runs import RowCounts
from domain.schema import Field, Kind, ListOf, Schema, StructOf
from domain.sources import Source
from domain.tables import Record, TableSpec
from tests.contracts.checkpoints_contract import sample_checkpoint
from tests.contracts.dataset_writer_contract import DatasetWriterContract
from tests.contracts.manifest_log_contract import AT
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.sample_runs import (
    detail_rows,
    item_rows,
    sample_run,
    seal_items,
    sealed_and_committed,
)

ROOT = Path(__file__).parents[4]


class TestParquetDatasetWriter(DatasetWriterContract):
    """The contract, on a real folder."""

    @pytest.fixture
    def writer(self, tmp_path: Path) -> DatasetWriter:
        folder = DataFolder(tmp_path / "output")
        return ParquetDatasetWriter(folder, FileManifestLog(folder), FakeClock())


def published_file(folder: DataFolder, sealed: SealedRun, table: str = "test.items") -> Path:
    (file,) = sealed.publication.tables[table].datasets["things"].files
    return folder.root / file.path


def test_the_file_is_sorted_and_holds_the_newest_row_of_each_key(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Newer answers win; of the same answer the row that came last."""
    old, new = item_rows(4, "ok"), [("00001", "newer", "unreachable")]
    sealed = asyncio.run(
        seal_items(writer, sample_run(), [*old, ("00002", "last", "ok")], new, commit_to=manifests)
    )
    table = pq.read_table(published_file(folder, sealed)).to_pydict()

    assert table["id"] == ["00000", "00001", "00002", "00003"]
    assert table["name"] == ["Thing 0", "newer", "last", "Thing 3"]
    assert set(table["_run_id"]) == {"RUN1"}
    assert table["_fetched_at"][1] == FETCHED_AT + timedelta(minutes=1)


def test_an_older_answer_never_wins(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Even when it is staged later, as a stale cache entry may be."""

    async def staged() -> SealedRun:
        async with writer.open(sample_run(), SAMPLE) as staging:
            staging.append("items", [("1", "new", "ok")], FETCHED_AT)
            staging.append("items", [("1", "old", "ok")], FETCHED_AT - timedelta(hours=1))
            return await sealed_and_committed(staging, manifests)

    table = pq.read_table(published_file(folder, asyncio.run(staged())))
    assert table["name"].to_pylist() == ["new"]


def test_the_manifest_entry_describes_the_file(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Rows, bytes and SHA-256 are those on the disk; the path is relative."""
    sealed = asyncio.run(seal_items(writer, sample_run(), item_rows(5), commit_to=manifests))
    (entry,) = sealed.publication.tables["test.items"].datasets["things"].files
    path = folder.root / entry.path

    assert entry.path == "lake/test/items/target=things/run=RUN1/part-00000.parquet"
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry.rows, entry.bytes) == (5, path.stat().st_size)


def test_the_file_is_written_as_the_catalog_wants_it(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """zstd, page checksums that are verified, and who made it."""
    sealed = asyncio.run(seal_items(writer, sample_run(), item_rows(500), commit_to=manifests))
    path = published_file(folder, sealed)
    metadata = pq.read_metadata(path)

    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert (metadata.metadata or {})[b"run_id"] == b"RUN1"
    assert (metadata.metadata or {})[b"source"] == b"sample"
    assert pq.read_table(path, page_checksum_verification=True).num_rows == 500
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    assert not path.stat().st_mode & 0o222  # a second name of it is what users see
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"CRC|checksum"):
        pq.read_table(path, page_checksum_verification=True)


def test_more_rows_than_are_held_are_all_there(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Several batches, merged in order."""
    batches = [item_rows(45_000)[start : start + 700] for start in range(0, 45_000, 700)]
    sealed = asyncio.run(seal_items(writer, sample_run(), *batches, commit_to=manifests))
    table = pq.read_table(published_file(folder, sealed), columns=["id"])
    ids = [str(each) for each in table["id"].to_pylist()]

    assert sealed.tables["test.items"] == RowCounts(45_000, 45_000)
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "record",
    [
        (1, "a number where text belongs", "ok"),
        ("x", ["list"], "ok"),
    ],
)
def test_records_of_the_wrong_type_go_to_quarantine(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog, record: Record
) -> None:
    """The batch they came in is published without them, and they can be read there."""
    sealed = asyncio.run(
        seal_items(writer, sample_run(), [*item_rows(3), record], commit_to=manifests)
    )
    (kept_out,) = pq.read_table(
        folder.quarantine / "test" / "items" / "target=things" / "run=RUN1.parquet"
    ).to_pylist()

    assert sealed.tables["test.items"] == RowCounts(4, 3, 1, 0)
    assert (kept_out["rule"], kept_out["run_id"]) == ("type", "RUN1")
    assert kept_out["reason"]


def test_integers_beyond_64_bits_go_to_quarantine_and_surrogates_are_mended(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """No value is cut, and no text keeps half a character."""

    async def staged() -> SealedRun:
        async with writer.open(sample_run(), SAMPLE) as staging:
            rows: list[Record] = [("a", 1, "x"), ("a", 2**64, "x"), ("a", 3, "bro\ud800ken")]
            staging.append("details", rows, FETCHED_AT)
            return await sealed_and_committed(staging, manifests)

    sealed = asyncio.run(staged())
    table = pq.read_table(published_file(folder, sealed, "test.details")).to_pydict()

    assert sealed.tables["test.details"] == RowCounts(3, 2, 1, 0)
    assert table["color"] == ["x", "bro\ufffdken"]


def test_lists_of_structs_are_stored_with_their_names(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Members arrive as tuples in the order of the schema."""
    pair = StructOf((Field("address", Kind.STRING), Field("chain", Kind.STRING)))
    schema = Schema((Field("id", Kind.STRING), Field("contracts", ListOf(pair))))
    source = replace(SAMPLE, tables=(TableSpec("things", schema, ("id",)),), expectations=())

    async def staged(source: Source) -> SealedRun:
        async with writer.open(sample_run(), source) as staging:
            rows: list[Record] = [("a", [("0x1", "base"), ("0x2", None)]), ("b", []), ("c", None)]
            staging.append("things", rows, FETCHED_AT)
            return await sealed_and_committed(staging, manifests)

    table = pq.read_table(published_file(folder, asyncio.run(staged(source)), "test.things"))
    assert table["contracts"].to_pylist() == [
        [{"address": "0x1", "chain": "base"}, {"address": "0x2", "chain": None}],
        [],
        None,
    ]


@pytest.mark.parametrize("repeats", [1, 2])
def test_rows_that_carry_whole_pictures_are_merged_in_little_memory(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog, repeats: int
) -> None:
    """Row groups are cut by their size too; of several answers the newest stays, in order."""
    picture = "<svg>" * 20_000

    def rows(batch: int) -> list[Record]:
        return [(f"{n * 7 % 450:05}", f"{batch}{picture}", "ok") for n in range(450)]

    async def staged() -> SealedRun:
        async with writer.open(sample_run(), SAMPLE) as staging:
            for batch in range(repeats):
                for row in rows(batch):
                    at = FETCHED_AT + timedelta(minutes=batch)
                    staging.append("items", [row], at)
                    await staging.drain()
            return await sealed_and_committed(staging, manifests)

    sealed = asyncio.run(staged())
    table = pq.read_table(published_file(folder, sealed))

    assert pq.read_metadata(published_file(folder, sealed)).num_row_groups > 2
    assert sealed.tables["test.items"] == RowCounts(450 * repeats, 450, 0, 450 * (repeats - 1))
    assert table["id"].to_pylist() == [f"{n:05}" for n in range(450)]
    assert {str(name)[:1] for name in table["name"].to_pylist()} == {str(repeats - 1)}
    assert table.schema.names == ["id", "name", "status", "_run_id", "_fetched_at"]
    assert set(table["_run_id"].to_pylist()) == {"RUN1"}


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [nested(5000), 10**5000, {(1, 2): 3}, object()],
    ids=["deep", "long", "keys", "foreign"],
)
def test_values_that_json_cannot_hold_do_not_stop_a_run(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog, value: object
) -> None:
    """Too deep, too long, of a foreign type: kept out, with a reason that can be read."""
    rows: list[Record] = [*item_rows(3), ("x", value, "ok")]
    sealed = asyncio.run(seal_items(writer, sample_run(), rows, commit_to=manifests))
    (kept_out,) = pq.read_table(
        folder.quarantine / "test" / "items" / "target=things" / "run=RUN1.parquet"
    ).to_pylist()

    assert sealed.tables["test.items"] == RowCounts(4, 3, 1, 0)
    assert json.loads(kept_out["record"])


def test_an_empty_table_keeps_its_columns(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """A file without rows, so that queries find the table."""
    sealed = asyncio.run(seal_items(writer, sample_run(), commit_to=manifests))

    names = pq.read_schema(published_file(folder, sealed)).names
    assert names == ["id", "name", "status", "_run_id", "_fetched_at"]


def test_a_sealed_run_that_is_not_committed_leaves_nothing(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """Staging and lake are as before."""
    asyncio.run(seal_items(writer, sample_run(), item_rows(3)))

    assert list(folder.staging.iterdir()) == []
    assert list(folder.lake.glob("*/*/*/run=*")) == []


def test_a_committed_run_keeps_its_files(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Only staging goes when the context is left."""

    async def story() -> None:
        async with writer.open(sample_run(), SAMPLE) as staging:
            staging.append("items", item_rows(3), FETCHED_AT)
            sealed = await staging.seal()
            await manifests.commit(sealed.publication, AT)

    asyncio.run(story())
    assert list(folder.staging.iterdir()) == []
    assert len(list(folder.lake.glob("*/*/*/run=RUN1/part-00000.parquet"))) == 2


_STAGE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import CHECKPOINT, FileCheckpoints
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.sample_runs import item_rows, sample_run

async def main():
    folder = DataFolder(Path(sys.argv[1]))
    writer = ParquetDatasetWriter(folder, FileManifestLog(folder), FakeClock())
    async with writer.open(sample_run("DEAD"), SAMPLE) as staging:
        staging.append("items", item_rows(3), FETCHED_AT)
        await staging.seal()
        print("staged", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_what_a_killed_run_left_is_swept_and_a_living_run_is_left_alone(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """The lock of the staging area tells them apart; files in the lake go with it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _STAGE_FOR_EVER, str(folder.root)],
        cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
    )  # fmt: skip
    assert process.stdout is not None
    with process, process.stdout as output:
        assert output.readline() == b"staged\n"
        assert not asyncio.run(writer.sweep())
        assert [area.name for area in folder.staging.iterdir()] == ["DEAD"]
        assert not asyncio.run(writer.is_abandoned("DEAD"))
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    assert asyncio.run(writer.is_abandoned("DEAD"))
    assert len(asyncio.run(writer.sweep())) == 1
    assert list(folder.staging.iterdir()) == []
    assert list(folder.lake.glob("*/*/*/run=DEAD")) == []


_FILL_THE_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import CHECKPOINT, FileCheckpoints
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from domain.errors import StorageError
from tests.fakes.fake_clock import FakeClock
from tests.support.sample_runs import item_rows, sample_run, seal_items

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = DataFolder(Path(sys.argv[1]))
log = FileManifestLog(folder)
writer = ParquetDatasetWriter(folder, log, FakeClock())
asyncio.run(seal_items(writer, sample_run("OLD"), item_rows(5), commit_to=log))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    asyncio.run(seal_items(writer, sample_run("NEW"), item_rows(30_000), commit_to=log))
except StorageError as error:
    print(error)
"""


def test_a_full_disk_is_a_storage_error_that_leaves_nothing_behind(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """It says what is wrong, the old version stays, and the next run has a clean folder."""
    done = subprocess.run(
        [sys.executable, "-c", _FILL_THE_DISK, str(folder.root)],
        cwd=ROOT, capture_output=True, timeout=40, check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
    )  # fmt: skip

    assert b"the file would be larger than is allowed here" in done.stdout, done.stderr
    assert b"What is published has not changed" in done.stdout
    assert list(folder.staging.iterdir()) == []
    assert list(folder.written_by("NEW")) == []
    manifest = asyncio.run(manifests.latest())
    (old,) = manifest.tables["test.items"].datasets["things"].files
    assert manifest.run_id == "OLD"
    assert hashlib.sha256((folder.root / old.path).read_bytes()).hexdigest() == old.sha256


def test_a_table_that_the_source_does_not_have_is_a_programming_error(
    writer: ParquetDatasetWriter,
) -> None:
    """A KeyError, not a silent loss."""

    async def staged() -> None:
        async with writer.open(sample_run(), SAMPLE) as staging:
            staging.append("nothing", item_rows(1), FETCHED_AT)

    with pytest.raises(KeyError):
        asyncio.run(staged())


def test_a_run_id_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Whatever the name of a run or a target, files stay inside."""
    folder = DataFolder(tmp_path / "output")
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    with pytest.raises(StorageError):
        asyncio.run(seal_items(writer, sample_run("../../../escaped"), item_rows(1)))
    run = sample_run(target="../../../../../x")
    sealed = asyncio.run(seal_items(writer, run, item_rows(1), commit_to=manifests))
    (file,) = sealed.publication.tables["test.items"].datasets[run.target].files

    assert (folder.root / file.path).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


def test_rows_that_go_missing_while_staged_are_not_taken_for_duplicates(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """Each figure of the balance is counted for itself, so a lost batch shows."""

    async def staged() -> None:
        async with writer.open(sample_run(), SAMPLE) as staging:
            assert isinstance(staging, ParquetStaging)
            staging.append("items", item_rows(20_000), FETCHED_AT)
            staging.append("items", [("x", "the rest", "ok")], FETCHED_AT)
            await staging.checkpoint()
            state = staging._tables["items"].kept.state()
            staging.append("items", [("y", "a batch of its own", "ok")], FETCHED_AT)
            await staging.checkpoint()
            os.truncate(staging._tables["items"].kept.path, state.bytes)
            await staging.seal()

    with pytest.raises(StorageError, match="do not add up"):
        asyncio.run(staged())
    assert list(folder.lake.glob("*/*/*/run=*")) == []


def test_quarantine_and_duplicates_balance_over_many_batches(writer: ParquetDatasetWriter) -> None:
    """Misfits in every batch, duplicates across batches, rows that break an expectation."""

    async def staged() -> RowCounts:
        async with writer.open(sample_run(), SAMPLE) as staging:
            for _ in range(3):
                staging.append("items", item_rows(20_000), FETCHED_AT)
                staging.append("items", [("x", 1, "ok"), (2, "y", "ok")], FETCHED_AT)
                staging.append("items", [(None, "n", "ok")] * 7, FETCHED_AT)
            return (await staging.seal()).tables["test.items"]

    assert asyncio.run(staged()) == RowCounts(60_027, 20_000, 27, 40_000)


def test_a_cancelled_run_leaves_nothing_behind_at_any_moment(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """No thread goes on writing after the area was removed."""

    async def story(seconds: float) -> None:
        stage = seal_items(writer, sample_run(), item_rows(21_000), details=300)
        with suppress(TimeoutError):
            await asyncio.wait_for(stage, seconds)

    folder.prepare()
    for step in range(12):
        asyncio.run(story(0.02 * step))
        assert list(folder.staging.iterdir()) == []
        assert list(folder.written_by("RUN1")) == []


def test_an_uncommitted_run_takes_its_quarantine_along(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """Its rows will be judged again."""
    asyncio.run(seal_items(writer, sample_run(), [*item_rows(3), (1, "x", "ok")]))

    assert list(folder.quarantine.glob("*/*/*/*")) == []


def test_sweeping_keeps_the_files_of_a_version_that_was_replaced(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """A run killed right after its commit leaves an area; its version is history by now."""
    for name in ("RUN1", "RUN2"):
        asyncio.run(seal_items(writer, sample_run(name), item_rows(3), commit_to=manifests))
    (folder.staging / "RUN1").mkdir()

    assert len(asyncio.run(writer.sweep())) == 1
    assert len(list(folder.written_by("RUN1"))) == 2


def test_sweeping_takes_old_temporary_files_of_the_catalog(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """What a kill left between writing and renaming."""
    folder.prepare()
    for home in (folder.versions, folder.runs):
        stray = home / ".x.json.1.ff.tmp"
        stray.write_text("x")
        os.utime(stray, (0, 0))

    assert not asyncio.run(writer.sweep())
    assert [*folder.versions.iterdir(), *folder.runs.iterdir()] == []


def test_who_looks_in_at_that_moment_saves_nothing_from_being_discarded(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """`app runs` holds the lock of an area for a moment; an old cut must not outlive it."""
    area = folder.staging / "DEAD"
    area.mkdir(parents=True)
    (area / "alive").touch()
    descriptor = os.open(area / "alive", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)

    async def story() -> None:
        discarding = asyncio.create_task(writer.discard("DEAD"))
        await asyncio.sleep(0.03)  # into the midst of it
        os.close(descriptor)
        await discarding

    asyncio.run(story())
    assert not area.exists()


@pytest.mark.parametrize("left", [(), ("alive",), ("items.arrows",)])
def test_an_area_that_a_kill_left_half_made_is_swept(
    folder: DataFolder, writer: ParquetDatasetWriter, left: tuple[str, ...]
) -> None:
    """With or without its lock."""
    area = folder.staging / "DEAD"
    area.mkdir(parents=True)
    for name in left:
        (area / name).write_text("x")

    assert asyncio.run(writer.sweep()) == {"DEAD": ""}
    assert list(folder.staging.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "days", "why"),
    [
        (b"{}", 0, "its checkpoint is damaged, or of another version of this program"),
        (None, 8, "it is older than 7 days"),
    ],
)
def test_a_stopped_run_that_cannot_go_on_is_swept_with_the_reason(
    folder: DataFolder, damage: bytes | None, days: int, why: str
) -> None:
    """A run that began anew says it; one that can go on stays."""
    clock = FakeClock()
    writer = ParquetDatasetWriter(folder, FileManifestLog(folder), clock)
    area = folder.staging / "RUN1"
    area.mkdir(parents=True)
    checkpoint = replace(sample_checkpoint("RUN1"), at=clock.now(), tables={})
    asyncio.run(FileCheckpoints(folder).save(checkpoint))
    assert asyncio.run(writer.sweep()) == {}
    if damage is not None:
        (area / CHECKPOINT).write_bytes(damage)
    clock.advance(days * 86_400)

    assert asyncio.run(writer.sweep()) == {"RUN1": why}
    assert not area.exists()


def test_a_run_that_begins_while_others_sweep_is_left_alone(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """A sweeper that meets a new area before its lock is taken makes it begin again."""

    async def run(number: int) -> None:
        await seal_items(writer, sample_run(f"RUN{number}"), item_rows(3))

    async def story() -> None:
        folder.prepare()
        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(run(number))
                group.create_task(writer.sweep())

    asyncio.run(story())
    assert list(folder.staging.iterdir()) == []


def test_an_area_goes_while_others_look_in(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the lock just after it was removed leaves one, which goes as well."""
    area = StagingArea(folder, "RUN1")
    area.make("test", "things")
    rmdir = os.rmdir
    looks = [1, 1, 0]

    def looked_into(path: str, *, dir_fd: int | None = None) -> None:
        if looks.pop(0):
            (area.path / "alive").touch()
        rmdir(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "rmdir", looked_into)
    area.remove()
    area.release()

    assert (looks, area.path.exists()) == ([], False)


def test_a_link_among_the_areas_is_left_alone(
    folder: DataFolder, writer: ParquetDatasetWriter, tmp_path: Path
) -> None:
    """What it leads to is not ours, and the areas beside it are swept."""
    folder.prepare()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("x")
    (folder.staging / "LINK").symlink_to(tmp_path / "elsewhere")
    (folder.staging / "DEAD").mkdir()

    assert len(asyncio.run(writer.sweep())) == 1
    assert (tmp_path / "elsewhere" / "file").exists()
    assert [area.name for area in folder.staging.iterdir()] == ["LINK"]


def test_what_cannot_be_swept_is_said_and_passed_over(
    folder: DataFolder, writer: ParquetDatasetWriter
) -> None:
    """One broken area does not keep everybody from ingesting."""
    (folder.staging / "BROKEN" / "alive").mkdir(parents=True)
    (folder.staging / "DEAD").mkdir()
    with capture_logs() as said:
        swept = asyncio.run(writer.sweep())

    assert len(swept) == 1
    assert {each["event"] for each in said} == {"staging.sweep_failed", "staging.swept"}


def test_an_area_names_its_owner(
    folder: DataFolder, writer: ParquetDatasetWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever clears up after it need not look into the folders of all other targets."""
    asked: list[tuple[str, str] | None] = []
    written_by = DataFolder.written_by

    def noted(own: DataFolder, run_id: str, owner: tuple[str, str] | None = None) -> Iterator[Path]:
        asked.append(owner)
        return written_by(own, run_id, owner)

    monkeypatch.setattr(DataFolder, "written_by", noted)
    asyncio.run(seal_items(writer, sample_run("RUN1", "one"), item_rows(3)))
    assert asked == [("test", "one")]
    assert not list(folder.lake.glob("*/*/*/run=RUN1"))


@pytest.mark.parametrize("content", ["", "{}", '["test"', '["test", 1]', "[" * 100_000])
def test_an_area_that_does_not_say_whose_it_is_is_swept_all_the_same(
    folder: DataFolder, writer: ParquetDatasetWriter, content: str
) -> None:
    """As an earlier version of the program left it, or a kill while it was signed."""
    area = folder.staging / "RUN1"
    area.mkdir(parents=True)
    (area / "alive").write_text(content)
    stray = folder.run_folder("test.items", "one", "RUN1")
    stray.mkdir(parents=True)

    assert list(asyncio.run(writer.sweep())) == ["RUN1"]
    assert not stray.exists()


def test_an_unchanged_run_leaves_the_lake_alone(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """No file of it is there at any time, of what was kept out neither; late, all of it is."""
    rows: list[Record] = [*item_rows(20), ("x", "odd", "odd")]

    async def staged(run_id: str, *, late: bool) -> list[set[str]]:
        async with writer.open(sample_run(run_id), SAMPLE) as staging:
            staging.append("items", rows, FETCHED_AT + timedelta(hours=1))
            sealed = await staging.seal(await manifests.latest())
            assert not sealed.is_written
            assert sealed.tables["test.items"] == RowCounts(21, 20, 1)
            seen = [written(folder, run_id)]
            if late:
                await manifests.commit(await staging.write(), AT)
                seen.append(written(folder, run_id))
            return seen

    asyncio.run(seal_items(writer, sample_run("RUN1"), rows, commit_to=manifests))
    files = written(folder, "RUN1")
    assert {Path(each).name for each in files} == {"part-00000.parquet", "profile.json", "RUN1.q"}
    assert asyncio.run(staged("RUN2", late=False)) == [set()]
    assert asyncio.run(staged("RUN3", late=True)) == [
        set(),
        {each.replace("RUN1", "RUN3") for each in files},
    ]
    assert written(folder, "RUN2") == set()
    assert list(folder.staging.iterdir()) == []


def written(folder: DataFolder, run_id: str) -> set[str]:
    """What a run has put outside its staging area, by path."""
    lake = {folder.relative(each) for each in folder.lake.rglob(f"run={run_id}/*")}
    kept_out = {f"{run_id}.q" for _ in folder.quarantine.rglob(f"run={run_id}.parquet")}
    return lake | kept_out


def test_news_in_one_table_has_all_of_them_written_as_ever(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Whichever table it is in, byte for byte as when nothing is compared."""
    asyncio.run(
        seal_items(writer, sample_run("RUN1"), item_rows(50), details=50, commit_to=manifests)
    )

    async def sealed(items: int, details: int, *, compared: bool) -> list[bytes]:
        async with writer.open(sample_run("RUN2"), SAMPLE) as staging:
            staging.append("items", item_rows(items), FETCHED_AT)
            staging.append("details", detail_rows(details), FETCHED_AT)
            found = await staging.seal(await manifests.latest() if compared else None)
            assert found.is_written
            return [
                published_file(folder, found, name).read_bytes()
                for name in ("test.items", "test.details")
            ]

    for items, details in ((51, 50), (50, 51), (49, 49)):
        compared = asyncio.run(sealed(items, details, compared=True))
        assert compared == asyncio.run(sealed(items, details, compared=False))
