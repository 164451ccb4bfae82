"""The data folder itself: what cannot be used says so."""

import asyncio
import os
from pathlib import Path

import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_atomically
from adapters.storage.folder_probe import FolderProbe
from application.ports.health_probe import HealthProbe
from domain.errors import DataFolderError, StorageError
from domain.health import Level
from tests.contracts.health_probe_contract import HealthProbeContract


@pytest.mark.parametrize("taken", ["output", "output/_catalog", "output/lake"])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, taken: str) -> None:
    """The message has the path and the variable to change."""
    path = tmp_path / taken
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file")
    with pytest.raises(DataFolderError, match="APP_DATA_DIR"):
        DataFolder(tmp_path / "output").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_missing_rights_are_named(tmp_path: Path) -> None:
    """Before anything is fetched."""
    (tmp_path / "output").mkdir(mode=0o500)
    with pytest.raises(DataFolderError, match="right"):
        DataFolder(tmp_path / "output").prepare()


@pytest.mark.parametrize("path", ["../x", "lake/../../x", "/etc/passwd", "lake/../../output2/x"])
def test_paths_that_lead_outside_are_refused(folder: DataFolder, path: str) -> None:
    """A sibling whose name begins alike is outside too."""
    with pytest.raises(StorageError, match="outside"):
        folder.inside(folder.root / path)


def test_a_link_that_leads_outside_is_refused(folder: DataFolder, tmp_path: Path) -> None:
    """Links are followed before the path is judged."""
    folder.prepare()
    (folder.lake / "nft").symlink_to(tmp_path)
    with pytest.raises(StorageError, match="outside"):
        folder.target_folder("nft.nfts", "x")


def test_an_atomic_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    """And no temporary file."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError, match="has not changed"):
        write_atomically(path, b"new")

    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    """The advice is chosen by the system's error number."""
    with (
        pytest.raises(StorageError, match="free space"),
        storage_errors("Writing", tmp_path),
    ):
        raise OSError(28, "No space left on device")


class TestFolderProbe(HealthProbeContract):
    """The contract, on real folders."""

    @pytest.fixture
    def probe(self, folder: DataFolder) -> HealthProbe:
        return FolderProbe(folder)

    @pytest.fixture
    def broken(self, tmp_path: Path) -> HealthProbe:
        (tmp_path / "taken").write_text("a file")
        return FolderProbe(DataFolder(tmp_path / "taken"))


def test_the_probe_looks_without_making_anything(folder: DataFolder) -> None:
    """A folder that is not there yet is looked at where it would be."""
    found = asyncio.run(FolderProbe(folder).probe())

    assert [each.level for each in found] == [Level.OK, Level.OK]
    assert not folder.root.exists()


def test_the_probe_finds_a_file_in_the_way(tmp_path: Path) -> None:
    """A failure with advice."""
    (tmp_path / "output").write_text("a file")
    (found,) = asyncio.run(FolderProbe(DataFolder(tmp_path / "output")).probe())

    assert (found.level, "APP_DATA_DIR" in found.advice) == (Level.FAILURE, True)
