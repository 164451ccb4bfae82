"""What everything that takes versions out of a catalog keeps to."""

import asyncio

import pytest

from application.ports.manifest_log import ManifestLog
from application.ports.version_history import VersionHistory
from application.ports.version_pruner import VersionPruner
from domain.errors import NotFoundError, StorageError
from tests.contracts.manifest_log_contract import AT, publication


class VersionPrunerContract:
    """Subclasses give `log`, and `history` and `pruner` of the same versions."""

    @pytest.fixture
    def log(self) -> ManifestLog:
        raise NotImplementedError

    @pytest.fixture
    def history(self, log: ManifestLog) -> VersionHistory:
        raise NotImplementedError

    @pytest.fixture
    def pruner(self, history: VersionHistory) -> VersionPruner:
        raise NotImplementedError

    def test_what_is_removed_is_pruned(
        self, log: ManifestLog, history: VersionHistory, pruner: VersionPruner
    ) -> None:
        """It is known to have been there, and is not found any more; the others are."""

        async def story() -> list[int]:
            for name in "ABC":
                await log.commit(publication(name), AT)
            async with pruner.alone():
                gone = await pruner.remove((await history.kept())[:2])
            assert list(gone) == [1, 2]
            assert [each.run_id for each in await history.pruned()] == ["A", "B"]
            with pytest.raises(NotFoundError, match="It was pruned"):
                await log.at(1)
            return [each.version for each in await history.kept()]

        assert asyncio.run(story()) == [3]

    def test_a_version_that_is_read_stays(
        self, log: ManifestLog, history: VersionHistory, pruner: VersionPruner
    ) -> None:
        """Until it is let go."""

        async def story() -> None:
            for name in "ABC":
                await log.commit(publication(name), AT)
            doomed = (await history.kept())[:2]
            with history.reading(1), history.reading(1):
                assert list(await pruner.remove(doomed)) == [2]
                assert (await log.at(1)).run_id == "A"
            assert list(await pruner.remove(doomed[:1])) == [1]

        asyncio.run(story())

    def test_the_next_version_counts_on(
        self, log: ManifestLog, history: VersionHistory, pruner: VersionPruner
    ) -> None:
        """A number is never used again."""

        async def story() -> int:
            for name in "AB":
                await log.commit(publication(name), AT)
            await pruner.remove((await history.kept())[:1])
            return (await log.commit(publication("C"), AT)).version

        assert asyncio.run(story()) == 3

    def test_there_is_one_prune_at_a_time(self, pruner: VersionPruner) -> None:
        """The second is told at once."""

        async def story() -> None:
            async with pruner.alone(), pruner.alone():
                pass

        with pytest.raises(StorageError):
            asyncio.run(story())
        asyncio.run(self._once(pruner))

    @staticmethod
    async def _once(pruner: VersionPruner) -> None:
        async with pruner.alone():
            pass
