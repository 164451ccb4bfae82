"""Runs as files."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_run_log import FileRunLog
from application.ports.run_log import RunLog
from domain.errors import StorageError
from tests.contracts.run_log_contract import RunLogContract
from tests.support.sample_runs import sample_run


class TestFileRunLog(RunLogContract):
    """The contract, on a real folder."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> RunLog:
        return FileRunLog(DataFolder(tmp_path / "output"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"run_id": 1}', b"[" * 100_000])
def test_an_unreadable_record_is_passed_over_with_a_warning(
    folder: DataFolder, content: bytes
) -> None:
    """One broken file does not hide the other runs."""
    log = FileRunLog(folder)
    asyncio.run(log.save(sample_run("01A")))
    (folder.runs / "01B.json").write_bytes(content)
    with capture_logs() as said:
        runs = asyncio.run(log.all())

    assert [run.run_id for run in runs] == ["01A"]
    assert [each["event"] for each in said] == ["run_log.unreadable"]


def test_a_run_id_that_leads_out_of_the_folder_is_refused(folder: DataFolder) -> None:
    """File names come from run ids."""
    with pytest.raises(StorageError):
        asyncio.run(FileRunLog(folder).save(sample_run("../../../../x")))


def test_half_a_character_in_an_error_is_kept(folder: DataFolder) -> None:
    """Messages may quote what came from upstream."""
    run = replace(sample_run("01A"), error="said \ud800", notes=("日本", "\udfff"))
    asyncio.run(FileRunLog(folder).save(run))

    assert asyncio.run(FileRunLog(folder).get("01A")) == run


def test_no_folder_is_no_runs(folder: DataFolder) -> None:
    """Reading makes nothing."""
    assert asyncio.run(FileRunLog(folder).all()) == []
    assert not folder.root.exists()
