"""A merge begins with what was published, as it was published."""

import asyncio
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from domain.errors import StorageError
from domain.manifest import DataFile
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_series import SERIES, hour
from tests.fakes.sample_source import FETCHED_AT
from tests.support.sample_runs import sample_run


@pytest.fixture
def manifests(tmp_path: Path) -> FileManifestLog:
    return FileManifestLog(DataFolder(tmp_path))


def _ingest(root: Path, manifests: FileManifestLog, run_id: str, hours: int) -> DataFile:
    """The file that holds so many hours and those from before."""

    async def story() -> DataFile:
        writer = ParquetDatasetWriter(DataFolder(root), manifests, FakeClock())
        async with writer.open(sample_run(run_id, "clock"), SERIES) as staging:
            rows = [("1h", hour(n), n, True) for n in range(hours)]
            staging.append("values", rows, FETCHED_AT)
            sealed = await staging.seal()
            manifest = await manifests.commit(sealed.publication, FETCHED_AT)
        (file,) = manifest.tables["test.values"].datasets["clock"].files
        return file

    return asyncio.run(story())


def test_a_file_that_somebody_wrote_into_is_not_merged_with(
    tmp_path: Path, manifests: FileManifestLog
) -> None:
    """Its own checksums agree with it, the manifest's does not; nothing is published."""
    first = tmp_path / _ingest(tmp_path, manifests, "RUN1", 3).path
    edited = pq.read_table(first, partitioning=None).slice(0, 2)
    first.chmod(0o644)
    pq.write_table(edited, first, write_page_checksum=True)

    with pytest.raises(StorageError, match="changed after it was published"):
        _ingest(tmp_path, manifests, "RUN2", 5)
    assert asyncio.run(manifests.latest()).version == 1


def test_a_whole_file_is(tmp_path: Path, manifests: FileManifestLog) -> None:
    """Its rows stay."""
    _ingest(tmp_path, manifests, "RUN1", 5)

    assert _ingest(tmp_path, manifests, "RUN2", 3).rows == 5
