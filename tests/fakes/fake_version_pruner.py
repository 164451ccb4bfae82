"""Takes versions out of a fake manifest log."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from application.ports.version_pruner import VersionPruner
from domain.errors import StorageError
from domain.snapshots import Snapshot
from tests.fakes.fake_version_history import FakeVersionHistory


class FakeVersionPruner(VersionPruner):
    """A version that the history holds for a reader stays; `taken` says that a prune goes on."""

    def __init__(self, history: FakeVersionHistory) -> None:
        self._history = history
        self.taken = False

    def alone(self) -> AbstractAsyncContextManager[None]:
        return self._alone()

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        if self.taken:
            message = "another prune is under way"
            raise StorageError(message)
        self.taken = True
        try:
            yield
        finally:
            self.taken = False

    async def remove(self, versions: Sequence[Snapshot]) -> Sequence[int]:
        gone = [each for each in versions if not self._history.held.get(each.version)]
        for each in gone:
            self._history.forget(each)
        return [each.version for each in gone]
