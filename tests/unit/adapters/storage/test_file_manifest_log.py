"""Manifest versions as files: a hard link is the commit."""

import asyncio
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.storage import manifest_files
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from application.ports.manifest_log import ManifestLog
from domain.errors import DataFolderError, StorageError
from domain.manifest import Manifest
from domain.manifest_json import manifest_from_json
from tests.contracts.manifest_log_contract import AT, ManifestLogContract, publication

ROOT = Path(__file__).parents[4]


class TestFileManifestLog(ManifestLogContract):
    """The contract, on a real folder."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> ManifestLog:
        return FileManifestLog(DataFolder(tmp_path / "output"))


def no_links(_source: Path, _path: Path) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


class TestFileManifestLogWithoutLinks(ManifestLogContract):
    """The contract, on a file system that has no hard links."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> ManifestLog:
        return FileManifestLog(DataFolder(tmp_path / "output"), no_links)


def test_without_links_a_version_that_is_there_is_never_replaced(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """Another process made it between reading and renaming."""
    log = FileManifestLog(folder, no_links)
    asyncio.run(manifests.commit(publication("A"), AT))
    path = folder.versions / "00000001.json"

    assert log._add(path, b"another") is False
    assert b"another" not in path.read_bytes()
    assert [each.name for each in folder.versions.iterdir()] == [path.name]


def test_a_failing_disk_is_not_taken_for_a_missing_ability(folder: DataFolder) -> None:
    """Only the errors that mean "no links here" have a way round them."""

    def fails(_source: Path, _path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(StorageError, match="disk reports an error"):
        asyncio.run(FileManifestLog(folder, fails).commit(publication("A"), AT))
    assert list(folder.versions.iterdir()) == []


def test_each_version_is_one_file_that_never_changes(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """And no temporary file stays."""
    asyncio.run(manifests.commit(publication("A"), AT))
    first = (folder.versions / "00000001.json").read_bytes()
    asyncio.run(manifests.commit(publication("B"), AT))

    names = sorted(path.name for path in folder.versions.iterdir())
    assert names == ["00000001.json", "00000002.json"]
    assert (folder.versions / "00000001.json").read_bytes() == first


def test_a_newer_format_is_refused_and_left_as_it_is(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """Reading and committing both say to install a newer version."""
    asyncio.run(manifests.commit(publication("A"), AT))
    path = folder.versions / "00000001.json"
    newer = json.dumps(json.loads(path.read_bytes()) | {"format": 99})
    path.write_text(newer)

    with pytest.raises(DataFolderError, match="newer"):
        asyncio.run(manifests.latest())
    with pytest.raises(DataFolderError, match="newer"):
        asyncio.run(manifests.commit(publication("B"), AT))
    assert path.read_text() == newer
    assert len(list(folder.versions.iterdir())) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 1}', b"\xff", b"null", b"[" * 100_000]
)
def test_an_unreadable_manifest_is_a_storage_error(
    folder: DataFolder, manifests: FileManifestLog, content: bytes
) -> None:
    """Never taken for an empty catalog."""
    folder.prepare()
    (folder.versions / "00000003.json").write_bytes(content)
    with pytest.raises(StorageError):
        asyncio.run(manifests.latest())


def test_foreign_files_among_the_versions_are_passed_over(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """Temporary files of a killed writer, notes, copies."""
    asyncio.run(manifests.commit(publication("A"), AT))
    for name in (
        ".00000002.json.1.tmp",
        "notes.txt",
        "00000009.json.bak",
        "x.json",
        "2.json",
        "٣.json",
        "0000000².json",
    ):
        (folder.versions / name).write_text("no manifest")

    assert asyncio.run(manifests.latest()).version == 1
    assert asyncio.run(manifests.commit(publication("B"), AT)).version == 2


_COMMIT_TEN = """
import asyncio, sys
from pathlib import Path
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from tests.contracts.manifest_log_contract import AT, publication

async def main(root, name):
    log = FileManifestLog(DataFolder(Path(root)))
    for number in range(10):
        await log.commit(publication(f"{name}{number}", f"target-{name}"), AT)

asyncio.run(main(*sys.argv[1:]))
"""


def test_three_processes_commit_side_by_side_and_nothing_is_lost(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """Thirty commits are thirty versions without a gap, and each target has its last run."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _COMMIT_TEN, str(folder.root), name],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
        )
        for name in "abc"
    ]
    assert [writer.wait(40) for writer in writers] == [0, 0, 0]

    names = sorted(path.name for path in folder.versions.iterdir())
    assert names == [f"{number:08}.json" for number in range(1, 31)]
    datasets = asyncio.run(manifests.latest()).tables["test.items"].datasets
    assert {name: each.run_id for name, each in datasets.items()} == {
        f"target-{name}": f"{name}9" for name in "abc"
    }


def test_a_version_is_read_once_however_often_it_is_wanted(
    folder: DataFolder, manifests: FileManifestLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may name the files of ten thousand targets; one that others put there is noticed."""
    read: list[bytes] = []

    def noted(document: bytes) -> Manifest:
        read.append(document)
        return manifest_from_json(document)

    monkeypatch.setattr(manifest_files, "manifest_from_json", noted)

    async def story() -> list[int]:
        await manifests.commit(publication("A"), AT)
        found = [(await manifests.latest()).version for _ in range(3)]
        await FileManifestLog(folder).commit(publication("B"), AT)
        return [*found, *[(await manifests.latest()).version for _ in range(3)]]

    assert asyncio.run(story()) == [1, 1, 1, 2, 2, 2]
    assert len(read) == 2  # by the other log, and of what the other one wrote


def test_a_manifest_that_was_replaced_is_read_again(
    folder: DataFolder, manifests: FileManifestLog
) -> None:
    """A backup was put back while the program runs."""
    asyncio.run(manifests.commit(publication("A"), AT))
    path = folder.versions / "00000001.json"
    other = path.with_name("other.json")
    other.write_text(json.dumps({**json.loads(path.read_text()), "run_id": "RESTORED"}))
    other.replace(path)

    assert asyncio.run(manifests.latest()).run_id == "RESTORED"
