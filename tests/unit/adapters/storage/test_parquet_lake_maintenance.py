"""Files of the lake, checked and removed."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from application.ports.lake_maintenance import Defect, LakeMaintenance
from domain.errors import StorageError
from domain.manifest import DataFile
from tests.contracts.lake_maintenance_contract import LakeMaintenanceContract
from tests.support.catalog_history import CatalogHistory


@pytest.fixture
def catalog(tmp_path: Path) -> CatalogHistory:
    """One version of a thousand things."""
    catalog = CatalogHistory(tmp_path)
    catalog.add("01RUN00001", items=1000)
    return catalog


@pytest.fixture
def file(catalog: CatalogHistory) -> DataFile:
    """The file of `test.items`."""
    manifest = asyncio.run(catalog.manifests.latest())
    (found,) = manifest.tables["test.items"].datasets["things"].files
    return found


class TestParquetLakeMaintenance(LakeMaintenanceContract):
    @pytest.fixture
    def lake(self, catalog: CatalogHistory) -> LakeMaintenance:
        return catalog.lake

    @pytest.fixture
    def file(self, file: DataFile) -> DataFile:
        return file


def _writable(path: Path) -> Path:
    path.chmod(0o644)
    return path


def test_f111_a_flipped_bit_is_found_and_its_column_named(
    catalog: CatalogHistory, file: DataFile
) -> None:
    """DuckDB would read it without a word."""
    path = _writable(catalog.root / file.path)
    column = pq.read_metadata(path).row_group(0).column(1)
    content = bytearray(path.read_bytes())
    content[column.data_page_offset + column.total_compressed_size // 2] ^= 1
    path.write_bytes(content)
    found = asyncio.run(catalog.lake.check(file))

    assert found is not None
    assert (found.defect, found.columns) == (Defect.CHECKSUM, ("name",))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all"])
def test_f111_a_foreign_or_cut_file_is_found(
    catalog: CatalogHistory, file: DataFile, content: bytes
) -> None:
    """Also one whose checksum somebody adjusted."""
    path = _writable(catalog.root / file.path)
    path.write_bytes(content)
    found = asyncio.run(catalog.lake.check(file))
    assert found is not None
    assert found.defect is Defect.LENGTH

    digest = hashlib.sha256(content).hexdigest()
    adjusted = replace(file, bytes=len(content), sha256=digest)
    found = asyncio.run(catalog.lake.check(adjusted))
    assert found is not None
    assert found.defect is Defect.UNREADABLE


def test_editing_a_published_file_in_place_is_found(
    catalog: CatalogHistory, file: DataFile
) -> None:
    """It shares its bytes with the lake; a user who may write anything can do so."""
    path = _writable(catalog.root / "things_items.parquet")
    pq.write_table(pa.table({"id": ["mine"]}), path)
    found = asyncio.run(catalog.lake.check(file))

    assert found is not None
    assert found.defect is Defect.LENGTH


def test_a_path_that_leads_out_is_refused(catalog: CatalogHistory, file: DataFile) -> None:
    """A manifest may come from anywhere."""
    with pytest.raises(StorageError, match="outside"):
        asyncio.run(catalog.lake.check(replace(file, path="../../etc/passwd")))


def test_a_run_that_is_under_way_is_not_settled(catalog: CatalogHistory) -> None:
    """Its files are in the lake before its version is, and its staging area as long."""
    (catalog.root / "_staging" / "01RUN00001").mkdir(parents=True)
    assert asyncio.run(catalog.lake.settled()) == []


def test_a_file_that_is_also_published_frees_nothing(catalog: CatalogHistory) -> None:
    """It has another name; its bytes stay."""
    shared = sum(each.bytes for each in asyncio.run(catalog.lake.settled()))
    freed = 0
    for path in catalog.root.glob("*.parquet"):
        freed += path.stat().st_size
        path.unlink()
    assert sum(each.bytes for each in asyncio.run(catalog.lake.settled())) == shared + freed
