"""The folder in which a run writes before anything is published."""

import errno
import json
import shutil
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder
from adapters.storage.file_lock import FileLock
from domain.errors import StorageError

_ALIVE = "alive"
_ATTEMPTS = 100
_PAUSE = 0.01  # seconds; a sweeper that mistook the new folder for an old one is soon done


class StagingArea:
    """`_staging/<run>/`, whose lock says that its run is alive. Blocking.

    It is made before the run writes anywhere else, and goes after all else that an unpublished
    run has written: as long as there are strays of a run, there is an area that names the run.
    """

    def __init__(self, folder: DataFolder, run_id: str) -> None:
        self.run_id = run_id
        self.path = folder.inside(folder.staging / run_id)
        self._folder = folder
        self._lock = FileLock(self.path / _ALIVE)

    @property
    def held(self) -> bool:
        """Whether this object holds the area."""
        return self._lock.held

    @property
    def owner(self) -> tuple[str, str] | None:
        """Domain and target of the run; None where the area does not say."""
        try:
            match json.loads((self.path / _ALIVE).read_bytes()):
                case [str(domain), str(target)]:
                    return domain, target
        except (OSError, ValueError, RecursionError):
            pass
        return None

    def make(self, domain: str, target: str) -> None:
        """Make the area of a run of a target, and hold it.

        Raises:
            DataFolderError: the data folder cannot be written to.
            StorageError: the area belongs to a run that is alive, or the disk fails.
        """
        self._folder.prepare()
        with storage_errors("Making", self.path):
            for _ in range(_ATTEMPTS):
                self.path.mkdir(exist_ok=True)
                if self.take_over():
                    self._lock.sign(json.dumps([domain, target]))
                    sync_folder(self.path)
                    sync_folder(self.path.parent)
                    return
                time.sleep(_PAUSE)
        message = f"{self.path} is in use by another process."
        raise StorageError(message)

    def take_over(self) -> bool:
        """Hold an area that nobody holds; False while its run is alive, or when it has gone."""
        with storage_errors("Locking", self.path):
            try:
                return self._lock.take()
            except FileNotFoundError:
                return False

    def take_from_the_dead(self) -> bool:
        """The same, where no run can be alive: whoever just looks in is soon gone."""
        for _ in range(_ATTEMPTS):
            if self.take_over():
                return True
            if not self.path.exists():
                break
            time.sleep(_PAUSE)
        return False

    def is_abandoned(self) -> bool:
        """Whether the area is there and nobody holds it; takes nothing and leaves nothing."""
        try:
            return not FileLock(self.path / _ALIVE).is_taken()
        except OSError:
            return False

    def tidy(self, wanted: Collection[str], strays: Iterable[Path]) -> None:
        """Remove what the run wrote elsewhere, and all but the wanted files here."""
        with storage_errors("Tidying", self.path):
            for stray in strays:
                _remove(stray)
            for path in self.path.iterdir():
                if path.name not in wanted and path.name != _ALIVE:
                    _remove(path)

    def remove(self, strays: Iterable[Path] = (), first: str = "") -> None:
        """Remove what the run wrote elsewhere, then the area.

        Args:
            strays: what it wrote elsewhere.
            first: what goes before all else: a file that nothing may be believed of any more.
        """
        with storage_errors("Removing", self.path):
            if first:
                _remove(self.path / first)
            for stray in strays:
                _remove(stray)
            _remove_with_company(self.path)

    def release(self) -> None:
        """Let the area go."""
        self._lock.release()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_with_company(area: Path) -> None:
    """Remove an area into which others may look: their lock comes back after ours has gone."""
    for _ in range(_ATTEMPTS):
        try:
            shutil.rmtree(area)
        except FileNotFoundError:
            if not area.exists():
                return  # a sweeper was there as well
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            time.sleep(_PAUSE)
        else:
            return
    shutil.rmtree(area)
