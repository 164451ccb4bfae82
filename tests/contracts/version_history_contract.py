"""What every version history keeps to."""

import asyncio

import pytest

from application.ports.manifest_log import ManifestLog
from application.ports.version_history import VersionHistory
from tests.contracts.manifest_log_contract import AT, publication


class VersionHistoryContract:
    """Subclasses give `log`, and `history` of the same versions."""

    @pytest.fixture
    def log(self) -> ManifestLog:
        raise NotImplementedError

    @pytest.fixture
    def history(self, log: ManifestLog) -> VersionHistory:
        raise NotImplementedError

    def test_nothing_is_known_of_an_empty_log(self, history: VersionHistory) -> None:
        """No versions, none pruned."""
        assert list(asyncio.run(history.kept())) == []
        assert list(asyncio.run(history.pruned())) == []

    def test_each_version_is_told_in_a_line(
        self, log: ManifestLog, history: VersionHistory
    ) -> None:
        """What its own run brought, oldest first."""
        asyncio.run(log.commit(publication("A", "one", rows=3), AT))
        asyncio.run(log.commit(publication("B", "two", rows=7), AT))
        first, second = asyncio.run(history.kept())

        assert (first.version, first.run_id, first.target, first.rows) == (1, "A", "one", 3)
        assert (second.version, second.target, second.rows, second.bytes) == (2, "two", 7, 10)
        assert (second.domain, second.tables, second.committed_at) == ("test", ("test.items",), AT)

    def test_reading_a_version_twice_is_no_conflict(
        self, log: ManifestLog, history: VersionHistory
    ) -> None:
        """Readers share; a version that is not there can be held in vain."""
        asyncio.run(log.commit(publication("A"), AT))
        with history.reading(1), history.reading(1), history.reading(9):
            assert len(asyncio.run(history.kept())) == 1
