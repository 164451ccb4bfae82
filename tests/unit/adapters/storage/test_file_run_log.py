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
from domain.runs import Run, RunState
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
    assert not asyncio.run(FileRunLog(folder).all())
    assert not folder.root.exists()


MANY = 70


def _logged(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> tuple[FileRunLog, list[str]]:
    """Many runs that have ended, in the index; and what is read from now on."""

    async def story() -> None:
        log = FileRunLog(folder)
        for number in range(MANY):
            run = replace(sample_run(f"01R{number:03}"), state=RunState.SUCCEEDED, version=number)
            await log.save(run)
        await log.all()

    asyncio.run(story())
    log = FileRunLog(folder)
    read: list[str] = []
    real = log._read

    def noted(name: str) -> Run | None:
        read.append(name)
        return real(name)

    monkeypatch.setattr(log, "_read", noted)
    return log, read


def test_runs_that_have_ended_are_read_once(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From then on the index has them, whole; those that go on are read each time."""
    log, read = _logged(folder, monkeypatch)
    asyncio.run(log.save(sample_run("01S")))
    runs = asyncio.run(log.all())

    assert len(runs) == MANY + 1
    assert runs[1] == replace(sample_run("01R069"), state=RunState.SUCCEEDED, version=69)
    assert [run.run_id for run in runs[:2]] == ["01S", "01R069"]
    assert [run.run_id for run in asyncio.run(log.running())] == ["01S"]
    assert read == ["01S.json", "01S.json"]


def test_a_later_state_takes_the_place_of_the_indexed_one(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that failed after its commit, and was recovered."""
    log, read = _logged(folder, monkeypatch)
    asyncio.run(log.save(replace(sample_run("01R005"), state=RunState.PARTIAL, version=7)))

    assert asyncio.run(log.all())[-6].state is RunState.PARTIAL
    assert read == ["01R005.json"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\0" * 9000])
def test_a_damaged_index_costs_time_and_nothing_else(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """The files are read, and the index is made anew."""
    log, read = _logged(folder, monkeypatch)
    (folder.root / "_catalog" / "runs.index").write_bytes(content)
    assert len(asyncio.run(log.all())) == len(read) == MANY
    assert len(asyncio.run(log.all())) == len(read) == MANY


def test_a_run_with_half_a_character_is_not_lost(folder: DataFolder) -> None:
    """The index has no form for it: it is read from its file."""
    error = "half \ud800"

    async def story() -> list[str | None]:
        log = FileRunLog(folder)
        for number in range(MANY):
            run = sample_run(f"01R{number:03}")
            await log.save(replace(run, state=RunState.FAILED, error=error))
        await log.all()
        return [run.error for run in await log.all()]

    assert asyncio.run(story()) == [error] * MANY


def test_an_index_that_cannot_be_written_is_no_error(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may only be read can be read."""
    log, _ = _logged(folder, monkeypatch)
    index = folder.root / "_catalog" / "runs.index"
    index.unlink()
    index.mkdir()

    assert len(asyncio.run(log.all())) == MANY


def test_a_whole_id_is_found_without_a_look_at_the_others(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be ten thousand."""
    log = FileRunLog(folder)
    asyncio.run(log.save(sample_run("01A")))
    monkeypatch.delattr(FileRunLog, "_names")

    assert asyncio.run(log.get("01a")).run_id == "01A"


def test_runs_that_have_ended_are_not_read_again_to_find_those_under_way(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index takes in what was read, as it does when all runs are listed."""
    log = FileRunLog(folder)

    async def story() -> None:
        for number in range(100):
            run = replace(sample_run(f"01{number:03}"), state=RunState.SUCCEEDED)
            await log.save(run)
        await log.save(replace(sample_run("02"), state=RunState.RUNNING))

    asyncio.run(story())
    read: list[str] = []
    found = FileRunLog._read

    def noted(own: FileRunLog, name: str) -> Run | None:
        read.append(name)
        return found(own, name)

    monkeypatch.setattr(FileRunLog, "_read", noted)
    counts = []
    for _ in range(2):
        read.clear()
        assert [run.run_id for run in asyncio.run(log.running())] == ["02"]
        counts.append(len(read))
    assert counts == [101, 1]
