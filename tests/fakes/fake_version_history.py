"""The history of a fake manifest log."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager

from application.ports.version_history import VersionHistory
from domain.snapshots import Snapshot, snapshot_of
from tests.fakes.fake_manifest_log import FakeManifestLog


class FakeVersionHistory(VersionHistory):
    """`held` counts the readers of each version; `gone` are those that were pruned."""

    def __init__(self, log: FakeManifestLog) -> None:
        self._log = log
        self.held: dict[int, int] = {}
        self.gone: list[Snapshot] = []

    def forget(self, snapshot: Snapshot) -> None:
        """The version is pruned."""
        self.gone.append(snapshot)
        self._log.manifests = [
            each for each in self._log.manifests if each.version != snapshot.version
        ]

    async def kept(self) -> Sequence[Snapshot]:
        return [snapshot_of(manifest) for manifest in self._log.manifests]

    async def pruned(self) -> Sequence[Snapshot]:
        return list(self.gone)

    def reading(self, version: int) -> AbstractContextManager[None]:
        return self._reading(version)

    @contextmanager
    def _reading(self, version: int) -> Generator[None]:
        self.held[version] = self.held.get(version, 0) + 1
        try:
            yield
        finally:
            self.held[version] -= 1
