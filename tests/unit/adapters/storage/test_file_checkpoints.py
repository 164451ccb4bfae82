"""Checkpoints on the disk."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import CHECKPOINT, FileCheckpoints
from application.ports.checkpoints import Checkpoints
from domain.errors import StorageError
from tests.contracts.checkpoints_contract import CheckpointsContract, sample_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    for run_id in ("RUN1", "RUN2"):
        (folder.staging / run_id).mkdir(parents=True)
    return folder


class TestFileCheckpoints(CheckpointsContract):
    @pytest.fixture
    def checkpoints(self, folder: DataFolder) -> Checkpoints:
        return FileCheckpoints(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}", b"[]", b'{"run": 1}', b"\xff", b"null"], ids=repr
)
def test_a_checkpoint_that_cannot_be_read_is_passed_over(
    folder: DataFolder, content: bytes
) -> None:
    """Its run begins anew; another's is not touched."""
    checkpoints = FileCheckpoints(folder)
    asyncio.run(checkpoints.save(sample_checkpoint("RUN2")))
    (folder.staging / "RUN1" / CHECKPOINT).write_bytes(content)

    assert [each.run.run_id for each in asyncio.run(checkpoints.all())] == ["RUN2"]


def test_a_bit_that_has_flipped_never_makes_another_checkpoint(folder: DataFolder) -> None:
    """Another request to ask, or another count, would be believed to the end."""
    checkpoints = FileCheckpoints(folder)
    asyncio.run(checkpoints.save(sample_checkpoint()))
    path = folder.staging / "RUN1" / CHECKPOINT
    content = path.read_bytes()
    with capture_logs():
        for position in range(len(content)):
            flipped = bytearray(content)
            flipped[position] ^= 1 << position % 8
            path.write_bytes(flipped)
            assert asyncio.run(checkpoints.all()) == [], f"bit {position % 8} of byte {position}"


def test_a_checkpoint_that_was_cut_off_is_passed_over(folder: DataFolder) -> None:
    """Wherever."""
    checkpoints = FileCheckpoints(folder)
    asyncio.run(checkpoints.save(sample_checkpoint()))
    path = folder.staging / "RUN1" / CHECKPOINT
    content = path.read_bytes()
    with capture_logs():
        for length in range(0, len(content), 7):
            path.write_bytes(content[:length])
            assert asyncio.run(checkpoints.all()) == []


def test_a_checkpoint_that_was_moved_is_not_believed(folder: DataFolder) -> None:
    """It names files of another run."""
    checkpoints = FileCheckpoints(folder)
    asyncio.run(checkpoints.save(sample_checkpoint("RUN2")))
    (folder.staging / "RUN2" / CHECKPOINT).rename(folder.staging / "RUN1" / CHECKPOINT)

    assert not asyncio.run(checkpoints.all())


def test_half_a_character_in_what_an_upstream_said_comes_back(folder: DataFolder) -> None:
    """Notes may quote what UTF-8 cannot hold."""
    checkpoint = sample_checkpoint()
    odd = replace(checkpoint, walk=replace(checkpoint.walk, notes=("half \ud83d",)))
    asyncio.run(FileCheckpoints(folder).save(odd))

    (found,) = asyncio.run(FileCheckpoints(folder).all())
    assert found.walk.notes[0].startswith("half ")


def test_a_run_without_an_area_cannot_be_saved_outside_of_the_folder(folder: DataFolder) -> None:
    """A run id is a name, not a path."""
    checkpoint = sample_checkpoint()
    outside = replace(checkpoint, run=replace(checkpoint.run, run_id="../../out"))
    with pytest.raises(StorageError, match="outside"):
        asyncio.run(FileCheckpoints(folder).save(outside))
