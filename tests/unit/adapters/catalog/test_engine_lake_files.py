"""Queries over files that are fetched when a statement wants them."""

import asyncio
from pathlib import Path

import pytest

from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from application.ports.lake_files import LakeFiles
from application.ports.query_engine import Query
from domain.errors import StorageError
from domain.manifest import Manifest
from tests.contracts.lake_files_contract import LakeFilesContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_lake_files import FakeLakeFiles
from tests.support.sample_runs import item_rows, sample_run, seal_items


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "far")


@pytest.fixture
def manifest(folder: DataFolder) -> Manifest:
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    asyncio.run(seal_items(writer, sample_run(), item_rows(30), details=30, commit_to=manifests))
    return asyncio.run(manifests.latest())


@pytest.fixture
def lake(folder: DataFolder, tmp_path: Path) -> FakeLakeFiles:
    return FakeLakeFiles(folder.root, tmp_path / "near")


class TestFakeLakeFiles(LakeFilesContract):
    """The contract, on the fake."""

    @pytest.fixture
    def lake(self, folder: DataFolder, tmp_path: Path) -> LakeFiles:
        return FakeLakeFiles(folder.root, tmp_path / "near")

    @pytest.fixture
    def manifest(self, manifest: Manifest) -> Manifest:
        return manifest


def asked(lake: FakeLakeFiles, manifest: Manifest, sql: str) -> tuple[int, list[str]]:
    """Rows of the answer, and the tables whose files were held for it."""
    with SandboxedQueryEngine(lake.root, lake).run(Query(sql), manifest, []) as result:
        rows = sum(batch.num_rows for batch in result.batches())
    (tables,) = lake.asked
    return rows, tables


def test_files_of_the_tables_that_a_statement_names_are_held(
    lake: FakeLakeFiles, manifest: Manifest
) -> None:
    """Until its result is read to the end; no others."""
    assert asked(lake, manifest, "select * from items") == (30, ["test.items"])


def test_no_file_is_held_for_a_statement_without_tables(
    lake: FakeLakeFiles, manifest: Manifest
) -> None:
    """Nor for the tables of the catalog itself."""
    assert asked(lake, manifest, "select 1 union all select count(*) from meta.datasets") == (
        2,
        ["meta.datasets"],
    )


def test_a_file_that_cannot_be_had_is_not_a_mistake_in_the_sql(
    lake: FakeLakeFiles, manifest: Manifest
) -> None:
    """It is told as what it is."""
    lake.failure = StorageError("the store is down")

    with (
        pytest.raises(StorageError, match="the store is down"),
        SandboxedQueryEngine(lake.root, lake).run(Query("from items"), manifest, []),
    ):
        pytest.fail("there are no files")
