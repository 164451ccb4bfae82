"""What every supply of run ids keeps to."""

import re

import pytest

from application.ports.run_ids import RunIds


class RunIdsContract:
    """Subclasses give `run_ids`."""

    @pytest.fixture
    def run_ids(self) -> RunIds:
        raise NotImplementedError

    def test_no_id_comes_twice(self, run_ids: RunIds) -> None:
        """However fast they are taken."""
        assert len({run_ids.next() for _ in range(500)}) == 500

    def test_ids_are_safe_as_file_names(self, run_ids: RunIds) -> None:
        """Capital letters and digits alone."""
        assert re.fullmatch(r"[0-9A-Z]{4,26}", run_ids.next())
