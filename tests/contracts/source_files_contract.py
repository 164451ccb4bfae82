"""What every store of source files must do."""

from datetime import UTC, datetime

import pytest

from application.ports.source_files import SourceFiles
from domain.errors import NotFoundError
from domain.recordings import Recording, recorded_response
from domain.sources import Window

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
SAMPLE = Recording(
    target="hamburg",
    answers={
        "/ships?page=1": recorded_response(b'[{"id": 1}]', {"link": '</x>; rel="next"'}, AT),
        "/ships?page=2": recorded_response(b"[]", {}, AT),
    },
    options={"flag": "de"},
    window=Window(since=AT),
)


class SourceFilesContract:
    """Override `files`."""

    @pytest.fixture
    def files(self) -> SourceFiles:
        raise NotImplementedError

    def test_what_is_saved_is_found(self, files: SourceFiles) -> None:
        """Declaration, answers with the fields that matter, options, window."""
        assert files.exists("ships") == ""
        written = files.save("ships", 'name = "ships"', SAMPLE)
        assert "ships.toml" in written[-1]
        assert files.exists("ships") == written[-1]
        found = files.recording("ships")
        assert (found.target, found.options) == (SAMPLE.target, SAMPLE.options)
        assert (found.answers, found.window) == (SAMPLE.answers, SAMPLE.window)
        assert "ships" in found.place

    def test_saving_again_replaces_all(self, files: SourceFiles) -> None:
        """No answer of the old recording is left."""
        files.save("ships", "1", SAMPLE)
        only = dict(list(SAMPLE.answers.items())[1:])
        files.save("ships", "2", Recording(target="kiel", answers=only))
        assert files.recording("ships").answers == only

    def test_what_is_not_there_is_said(self, files: SourceFiles) -> None:
        """No recording is an error with its name."""
        with pytest.raises(NotFoundError, match="nothing"):
            files.recording("nothing")
