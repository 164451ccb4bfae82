"""Caches of a catalog in memory."""

from collections.abc import Sequence

from application.ports.catalog_caches import CatalogCaches
from domain.snapshots import Snapshot
from tests.fakes.fake_version_history import FakeVersionHistory


class FakeCatalogCaches(CatalogCaches):
    """Names what was dropped, and notes pruned versions in the history."""

    def __init__(self, history: FakeVersionHistory, *names: str) -> None:
        self._history = history
        self._names = list(names)

    async def drop(self) -> Sequence[str]:
        dropped, self._names = self._names, []
        return dropped

    async def note_pruned(self, snapshots: Sequence[Snapshot]) -> None:
        self._history.gone = sorted(
            [*self._history.gone, *snapshots], key=lambda each: each.version
        )
