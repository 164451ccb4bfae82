"""Declarations and recordings as files."""

import json
from pathlib import Path

import pytest

from adapters.projects.project_source_files import ProjectSourceFiles
from application.ports.source_files import SourceFiles
from domain.errors import ConfigurationError, NotFoundError, StorageError
from tests.contracts.source_files_contract import SAMPLE, SourceFilesContract
from tests.fakes.fake_source_files import FakeSourceFiles


def files_in(folder: Path) -> ProjectSourceFiles:
    return ProjectSourceFiles(
        folder / "sources",
        checkout=folder / "checkout",
        schema=("source.schema.json", "{}\n"),
    )


class TestProjectSourceFiles(SourceFilesContract):
    @pytest.fixture
    def files(self, tmp_path: Path) -> SourceFiles:
        return files_in(tmp_path)


class TestFakeSourceFiles(SourceFilesContract):
    @pytest.fixture
    def files(self) -> SourceFiles:
        return FakeSourceFiles()


def test_a_built_in_source_is_found_where_it_lies(tmp_path: Path) -> None:
    """Its recording comes with a checkout."""
    files = files_in(tmp_path)
    folder = tmp_path / "checkout" / "usgs"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("[]")
    (folder / "walk.json").write_text('{"target": "world", "answers": {"/q": "a.json"}}')
    assert files.recording("usgs").answers["/q"].body == b"[]"
    assert files.exists("usgs") == ""


def test_a_missing_recording_names_the_places(tmp_path: Path) -> None:
    """Where it was looked for, and how one comes about."""
    with pytest.raises(NotFoundError, match=r"sources/recordings/nix.*checkout/nix.*sources new"):
        files_in(tmp_path).recording("nix")


@pytest.mark.parametrize(
    "plan",
    [
        "", "[]", "{}", '{"target": 1, "answers": {}}', '{"target": "x", "answers": []}',
        '{"target": "x", "answers": {"/": "gone.json"}}', '{"target": "x", "answers": {"/": 7}}',
        '{"target": "x", "answers": {"/": {"headers": {}}}}',
        '{"target": "x", "answers": {}, "window": {"since": "soon"}}',
        '{"target": "x", "answers": {}, "recorded_at": 7}',
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused_with_its_name(tmp_path: Path, plan: str) -> None:
    """Whatever it holds."""
    folder = tmp_path / "sources" / "recordings" / "ships"
    folder.mkdir(parents=True)
    (folder / "walk.json").write_text(plan)
    with pytest.raises(ConfigurationError, match=r"walk\.json"):
        files_in(tmp_path).recording("ships")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "sources").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        files_in(tmp_path).save("ships", "", SAMPLE)


def test_the_schema_for_editors_lies_beside_the_declaration(tmp_path: Path) -> None:
    """The first line of a declaration names it."""
    files_in(tmp_path).save("ships", "x = 1", SAMPLE)
    assert (tmp_path / "sources" / "ships.toml").read_text() == "x = 1"
    assert json.loads((tmp_path / "sources" / "source.schema.json").read_text()) == {}
