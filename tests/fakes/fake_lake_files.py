"""Lake files that are at hand only while somebody holds them."""

import shutil
from collections.abc import Collection, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from application.ports.lake_files import LakeFiles
from domain.errors import StorageError
from domain.manifest import DataFile, Manifest


class FakeLakeFiles(LakeFiles):
    """Copies from a folder that has them all, and takes the copies away again.

    Attributes:
        asked: the tables of each call.
        failure: raised by the next call.
    """

    def __init__(self, source: Path, root: Path) -> None:
        self._source = source
        self._root = root
        self._holders: dict[str, int] = {}
        self.asked: list[list[str]] = []
        self.failure: StorageError | None = None

    @property
    def root(self) -> Path:
        """Where the copies are."""
        return self._root

    def hold(
        self, manifest: Manifest, tables: Collection[str], target: str | None = None
    ) -> AbstractContextManager[Path]:
        """Copies for the length of the context."""
        return self._hold(manifest, tables, target)

    @contextmanager
    def _hold(
        self, manifest: Manifest, tables: Collection[str], target: str | None
    ) -> Generator[Path]:
        self.asked.append(sorted(tables))
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        files = [
            file
            for name, table in manifest.tables.items()
            for each, dataset in table.datasets.items()
            for file in dataset.files
            if name in tables and target in (None, each)
        ]
        for file in files:
            self._copy(file)
        try:
            yield self._root
        finally:
            for file in files:
                self._holders[file.path] -= 1
                if not self._holders[file.path]:
                    (self._root / file.path).unlink()

    def _copy(self, file: DataFile) -> None:
        path = self._root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(self._source / file.path, path)
        except FileNotFoundError as error:
            message = f"{file.path} is not there"
            raise StorageError(message) from error
        self._holders[file.path] = self._holders.get(file.path, 0) + 1
