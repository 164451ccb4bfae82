"""The data folder itself: what cannot be used says so."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sweep_temporaries, write_atomically
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
        folder.run_folder("nft.nfts", "x", "RUN1")


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=40))
def test_any_target_is_one_name_inside_the_folder(target: str) -> None:
    """`python/cpython` is a target too; two targets never share a folder."""
    folder = DataFolder(Path("/somewhere/output"))
    home = folder.run_folder("github.issues", target, "RUN1")
    parts = home.relative_to(folder.lake).parts

    assert (len(parts), parts[:2], parts[3]) == (4, ("github", "issues"), "run=RUN1")
    assert unquote(parts[2], errors="surrogatepass") == f"target={target}"
    assert folder.lock("github", target).parent == folder.locks


@pytest.mark.parametrize("target", ["one", "o*e", "python/cpython"])
def test_what_a_run_wrote_is_found_by_its_owner(folder: DataFolder, target: str) -> None:
    """Without a look at the folders of other targets; without an owner, everywhere."""
    wanted = [folder.run_folder("test.items", target, "RUN1")]
    for home in (*wanted, folder.run_folder("test.items", target, "RUN2")):
        home.mkdir(parents=True)
    kept_out = folder.quarantine_file("test.items", target, "RUN1")
    kept_out.parent.mkdir(parents=True)
    kept_out.touch()
    wanted.append(kept_out)

    assert list(folder.written_by("RUN1", ("test", target))) == wanted
    assert list(folder.written_by("RUN1")) == wanted
    assert list(folder.written_by("RUN1", ("test", "other"))) == []
    assert list(folder.written_by("RUN1", ("*", target))) == []


def test_old_temporary_files_are_swept_and_young_ones_left(tmp_path: Path) -> None:
    """A living process may still be writing the young ones."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    for name, age in ((".a.json.1.ff.tmp", 7200), (".b.json.1.ff.tmp", 60), ("c.json", 7200)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (now.timestamp() - age,) * 2)

    assert sweep_temporaries(tmp_path, now - timedelta(hours=1)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.json.1.ff.tmp", "c.json"]


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
