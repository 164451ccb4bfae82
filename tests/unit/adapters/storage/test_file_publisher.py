"""Derived files: replaced atomically, made again whenever they are missing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
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
from application.ports.publisher import Publisher
from domain.errors import StorageError
from domain.manifest import Manifest
from domain.runs import Run
from domain.schema import Field, Kind, Schema
from domain.tables import Record, TableSpec
from tests.contracts.publisher_contract import PublisherContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.sample_runs import item_rows, sample_run, seal_items, sealed_and_committed


@pytest.fixture
def publisher(folder: DataFolder) -> FilePublisher:
    return FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)


def commit(
    writer: ParquetDatasetWriter, manifests: FileManifestLog, name: str, rows: int
) -> Manifest:
    asyncio.run(seal_items(writer, sample_run(name), item_rows(rows), commit_to=manifests))
    return asyncio.run(manifests.latest())


def two_targets(writer: ParquetDatasetWriter, manifests: FileManifestLog) -> Manifest:
    for target in ("one", "two"):
        run = sample_run(target.upper(), target)
        asyncio.run(seal_items(writer, run, item_rows(2), commit_to=manifests))
    return asyncio.run(manifests.latest())


class TestFilePublisher(PublisherContract):
    """The contract, on a real folder."""

    @pytest.fixture
    def publisher(self, folder: DataFolder) -> Publisher:
        return FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)

    @pytest.fixture
    def manifest(self, writer: ParquetDatasetWriter, manifests: FileManifestLog) -> Manifest:
        return commit(writer, manifests, "RUN1", 3)


def test_each_table_is_published_under_the_targets_name(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """As a hard link, so that it costs nothing; the next version replaces it."""
    first = commit(writer, manifests, "RUN1", 3)
    names = asyncio.run(publisher.publish(first, "things"))
    second = commit(writer, manifests, "RUN2", 5)
    asyncio.run(publisher.publish(second, "things"))
    path = folder.root / "things_items.parquet"
    (file,) = second.tables["test.items"].datasets["things"].files

    assert names == ["things_details.parquet", "things_items.parquet", "catalog.duckdb"]
    assert path.samefile(folder.root / file.path)
    assert pq.read_metadata(path).num_rows == 5


def test_publishing_again_changes_nothing_and_deleted_files_come_back(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """Safe to repeat after a kill."""
    manifest = commit(writer, manifests, "RUN1", 3)
    asyncio.run(publisher.publish(manifest))
    (folder.root / "things_items.parquet").unlink()
    (folder.root / "catalog.duckdb").unlink()
    for name in (".things_items.parquet.77.tmp", ".catalog.duckdb.77.tmp.wal"):
        (folder.root / name).write_text("left by a kill")
    asyncio.run(publisher.publish(manifest))

    assert sorted(path.name for path in folder.root.iterdir() if path.is_file()) == [
        "catalog.duckdb",
        "things_details.parquet",
        "things_items.parquet",
    ]


def test_hidden_files_of_others_are_left_alone(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """The data folder may be one that people work in."""
    folder.prepare()
    (folder.root / ".cache.tmp").mkdir()
    (folder.root / ".notes.tmp.bak").write_text("mine")
    asyncio.run(publisher.publish(commit(writer, manifests, "RUN1", 3)))

    assert (folder.root / ".cache.tmp").is_dir()
    assert (folder.root / ".notes.tmp.bak").read_text() == "mine"


@pytest.mark.parametrize("name", ["a[b]c", "a*c", "a'c", 'a"c', "a,c", "{a,b}", "ünï cödé", "a%41"])
def test_any_folder_name_can_be_published_into(tmp_path: Path, name: str) -> None:
    """DuckDB takes some of these for patterns elsewhere."""
    folder = DataFolder(tmp_path / name / "output")
    manifests = FileManifestLog(folder)
    manifest = commit(ParquetDatasetWriter(folder, manifests, FakeClock()), manifests, "RUN1", 3)
    builder = FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)
    asyncio.run(builder.publish(manifest))

    with duckdb.connect(str(folder.catalog_file), read_only=True) as catalog:
        assert catalog.sql("select count(*) from test.items").fetchall() == [(3,)]


def test_any_duckdb_client_reads_the_catalog_file(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """Views and `meta` tables; a forgotten write-ahead log does not keep it from opening."""
    asyncio.run(FileRunLog(folder).save(sample_run()))
    manifest = commit(writer, manifests, "RUN1", 3)
    (folder.root / "catalog.duckdb.wal").write_bytes(b"of another file")
    asyncio.run(publisher.publish(manifest))
    with duckdb.connect(str(folder.root / "catalog.duckdb"), read_only=True) as catalog:
        assert catalog.sql("select count(*) from test.items").fetchall() == [(3,)]
        assert catalog.sql("select run_id from meta.runs").fetchall() == [("RUN1",)]
        assert catalog.sql("select sum(rows) from meta.files").fetchall() == [(3,)]
        assert catalog.sql("from meta.quarantine").fetchall() == []
        version = catalog.sql(
            "select tags['storage_version'] from duckdb_databases() where not internal"
        ).fetchall()

    assert "v1.2" in str(version)


def test_two_domains_with_the_same_names_do_not_overwrite_each_other(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """Who published first keeps the name; the other file carries its domain's name."""
    manifest = commit(writer, manifests, "RUN1", 3)
    asyncio.run(publisher.publish(manifest))
    first = (folder.root / "things_items.parquet").stat().st_ino
    items = manifest.tables["test.items"]
    doubled = replace(manifest, tables={"other.items": items, "test.items": items})
    names = asyncio.run(publisher.publish(doubled))

    assert names == ["other_things_items.parquet", "things_items.parquet", "catalog.duckdb"]
    assert (folder.root / "things_items.parquet").stat().st_ino == first


def test_targets_are_published_side_by_side(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """Publishers wait for one another; none fails."""
    manifest = two_targets(writer, manifests)

    async def story() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(publisher.publish(manifest, "one"))
                group.create_task(publisher.publish(manifest, "two"))

    asyncio.run(story())
    assert sorted(path.name for path in folder.root.iterdir() if path.is_file()) == [
        "catalog.duckdb",
        "one_details.parquet",
        "one_items.parquet",
        "two_details.parquet",
        "two_items.parquet",
    ]


def test_a_slow_publisher_does_not_take_the_catalog_back(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """It comes with version 1 after version 2 was published."""
    first = commit(writer, manifests, "RUN1", 3)
    second = commit(writer, manifests, "RUN2", 5)
    asyncio.run(publisher.publish(second))
    asyncio.run(publisher.publish(first))

    with duckdb.connect(str(folder.catalog_file), read_only=True) as catalog:
        assert catalog.sql("select count(*) from test.items").fetchall() == [(5,)]
    assert pq.read_metadata(folder.root / "things_items.parquet").num_rows == 5


def test_a_folder_name_that_looks_like_a_partition_changes_no_column(tmp_path: Path) -> None:
    """`target=things` in a path is not the value of a column named target."""
    folder = DataFolder(tmp_path / "env=prod" / "output")
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    schema = Schema(tuple(Field(name, Kind.STRING) for name in ("target", "run", "env")))
    source = replace(SAMPLE, tables=(TableSpec("odd", schema, ("target",)),), expectations=())

    async def staged() -> None:
        async with writer.open(sample_run(), source) as staging:
            rows: list[Record] = [("own", "mine", "test"), (1, "bad", "test")]
            staging.append("odd", rows, FETCHED_AT)
            await sealed_and_committed(staging, manifests)

    asyncio.run(staged())
    manifest = asyncio.run(manifests.latest())
    builder = FilePublisher(folder, FileRunLog(folder), CatalogFile(folder.root).build)
    asyncio.run(builder.publish(manifest))
    with duckdb.connect(str(folder.catalog_file), read_only=True) as catalog:
        assert catalog.sql("select target, run, env from test.odd").fetchall() == [
            ("own", "mine", "test")
        ]
        assert catalog.sql("from meta.quarantine").columns == [
            "run_id", "table_name", "rule", "reason", "key", "record", "fetched_at",
        ]  # fmt: skip


def test_several_files_of_one_data_set_become_one(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """All rows, in one Parquet file."""
    manifest = commit(writer, manifests, "RUN1", 3)
    table = manifest.tables["test.items"]
    dataset = table.datasets["things"]
    twice = replace(dataset, files=(*dataset.files, *dataset.files))
    joined = replace(manifest, tables={"test.items": replace(table, datasets={"things": twice})})
    asyncio.run(publisher.publish(joined))

    assert pq.read_metadata(folder.root / "things_items.parquet").num_rows == 6


def test_a_missing_file_of_a_version_is_a_storage_error(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """What was published before stays as it is."""
    manifest = commit(writer, manifests, "RUN1", 3)
    asyncio.run(publisher.publish(manifest))
    before = (folder.root / "catalog.duckdb").read_bytes()
    for path in Path(folder.lake).glob("*/items/*/*/*.parquet"):
        path.unlink()
    (folder.root / "things_items.parquet").unlink()
    with pytest.raises(StorageError):
        asyncio.run(publisher.publish(manifest))

    assert (folder.root / "catalog.duckdb").read_bytes() == before


def test_a_catalog_file_of_the_version_is_built_once(
    folder: DataFolder, writer: ParquetDatasetWriter, manifests: FileManifestLog
) -> None:
    """Until a newer version is there, or somebody has changed or deleted the file."""
    built: list[int] = []

    def build(manifest: Manifest, runs: Sequence[Run], path: Path) -> None:
        built.append(manifest.version)
        CatalogFile(folder.root).build(manifest, runs, path)

    publisher = FilePublisher(folder, FileRunLog(folder), build)
    manifest = commit(writer, manifests, "RUN1", 3)
    for _ in range(2):
        asyncio.run(publisher.publish(manifest))
    assert built == [1]

    folder.catalog_file.write_bytes(b"changed")
    asyncio.run(publisher.publish(manifest))
    folder.catalog_file.unlink()
    asyncio.run(publisher.publish(manifest))
    folder.catalog_note.write_bytes(b"\xff")
    asyncio.run(publisher.publish(manifest))
    assert built == [1, 1, 1, 1]

    asyncio.run(publisher.publish(commit(writer, manifests, "RUN2", 4)))
    assert built[4:] == [2]


def test_the_catalog_can_be_left_for_later(
    folder: DataFolder,
    writer: ParquetDatasetWriter,
    manifests: FileManifestLog,
    publisher: FilePublisher,
) -> None:
    """It stays that of the earlier version, and readable, until it is made."""
    asyncio.run(publisher.publish(commit(writer, manifests, "RUN1", 3)))
    before = (folder.root / "catalog.duckdb").read_bytes()
    second = commit(writer, manifests, "RUN2", 5)
    asyncio.run(publisher.publish_all(second, ["things"], whole=False))

    assert pq.read_metadata(folder.root / "things_items.parquet").num_rows == 5
    assert (folder.root / "catalog.duckdb").read_bytes() == before
    asyncio.run(publisher.publish_all(second, ()))
    with duckdb.connect(str(folder.root / "catalog.duckdb"), read_only=True) as catalog:
        assert catalog.sql("select count(*) from test.items").fetchall() == [(5,)]
