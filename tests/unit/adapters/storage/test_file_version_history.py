"""Versions of a folder, through their index."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_version_history import FileVersionHistory
from adapters.storage.version_index import VersionIndex
from application.ports.manifest_log import ManifestLog
from application.ports.version_history import VersionHistory
from domain.errors import StorageError
from domain.retention import Retention
from domain.snapshots import Snapshot
from tests.contracts.manifest_log_contract import AT, publication
from tests.contracts.version_history_contract import VersionHistoryContract
from tests.support.catalog_history import CatalogHistory

MANY = 70


class TestFileVersionHistory(VersionHistoryContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> DataFolder:
        return DataFolder(tmp_path)

    @pytest.fixture
    def log(self, folder: DataFolder) -> ManifestLog:
        return FileManifestLog(folder)

    @pytest.fixture
    def history(self, folder: DataFolder, log: ManifestLog) -> VersionHistory:
        return FileVersionHistory(folder)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """Many versions, and an index of them."""
    folder = DataFolder(tmp_path)

    async def story() -> None:
        log = FileManifestLog(folder)
        for number in range(MANY):
            await log.commit(publication(f"R{number:03}"), AT)

    asyncio.run(story())
    VersionIndex(folder).kept()
    return folder


def test_each_manifest_is_read_once(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the index has is not read again; what came since is."""
    asyncio.run(FileManifestLog(folder).commit(publication("NEW"), AT))
    index = VersionIndex(folder)
    read: list[str] = []

    def noted(name: str) -> Snapshot | None:
        read.append(name)
        return VersionIndex._read(index, name)

    monkeypatch.setattr(index, "_read", noted)
    found = index.kept()
    index.kept()

    assert (len(found), found[-1].run_id) == (MANY + 1, "NEW")
    assert read == [f"{MANY + 1:08}.json"]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\0" * 5000])
def test_a_damaged_index_is_as_good_as_none(folder: DataFolder, damage: bytes) -> None:
    """It is passed over, and made anew."""
    path = folder.root / "_catalog" / "versions.index"
    whole = path.read_bytes()
    path.write_bytes(damage)
    assert len(VersionIndex(folder).kept()) == MANY
    assert len(path.read_bytes()) == len(whole)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [each.version for each in VersionIndex(folder).kept()] == list(range(1, MANY + 1))


def test_a_version_of_another_history_is_seen(folder: DataFolder) -> None:
    """A manifest that was put in the place of another one (a backup) is read."""
    path = folder.versions / "00000005.json"
    other = path.with_name("other.json")
    other.write_text(json.dumps({**json.loads(path.read_text()), "run_id": "RESTORED"}))
    other.replace(path)

    assert VersionIndex(folder).version_of("RESTORED") == 5
    assert VersionIndex(folder).version_of("R004") is None


def test_a_run_of_a_pruned_version_is_still_known_to_have_made_it(tmp_path: Path) -> None:
    """Otherwise what it wrote would pass for that of a run that was never committed."""
    catalog = CatalogHistory(tmp_path)
    catalog.grow(3)
    asyncio.run(catalog.prune.execute(Retention(keep=1)))

    assert catalog.kept() == [3]
    assert asyncio.run(catalog.manifests.version_of("01RUN00001")) == 1
    assert [each.version for each in asyncio.run(catalog.history.pruned())] == [1, 2]


def test_an_unreadable_record_of_pruned_versions_is_named(tmp_path: Path) -> None:
    """With what to do about it; the versions that are there are not concerned."""
    catalog = CatalogHistory(tmp_path)
    catalog.grow(1)
    (tmp_path / "_catalog" / "pruned.json").write_text("[{")

    with pytest.raises(StorageError, match="app catalog rebuild"):
        asyncio.run(catalog.history.pruned())
    assert catalog.kept() == [1]


def test_runs_without_a_version_do_not_make_it_look_again(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of ten thousand unchanged targets asks; a version that came since is found."""
    index = VersionIndex(folder)
    looked: list[int] = []
    found = VersionIndex._kept

    def noted(own: VersionIndex, names: dict[str, int]) -> list[Snapshot]:
        looked.append(len(names))
        return found(own, names)

    monkeypatch.setattr(VersionIndex, "_kept", noted)
    assert [index.version_of(name) for name in ("no", "R004", "none")] == [None, 5, None]
    asyncio.run(FileManifestLog(folder).commit(publication("NEW"), AT))
    assert [index.version_of(name) for name in ("NEW", "no")] == [MANY + 1, None]
    assert looked == [MANY, MANY + 1]
