"""A data folder of its own for each test."""

from pathlib import Path

import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from tests.fakes.fake_clock import FakeClock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "output")


@pytest.fixture
def manifests(folder: DataFolder) -> FileManifestLog:
    return FileManifestLog(folder)


@pytest.fixture
def writer(folder: DataFolder, manifests: FileManifestLog) -> ParquetDatasetWriter:
    return ParquetDatasetWriter(folder, manifests, FakeClock())
