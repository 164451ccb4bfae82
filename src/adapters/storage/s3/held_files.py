"""Which files of the mirror somebody is reading."""

import os
import secrets
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from adapters.storage.durable import storage_errors
from adapters.storage.file_lock import FileLock
from domain.errors import StorageError

_PATIENCE = 30.0  # seconds
_PAUSE = 0.005


class HeldFiles:
    """A list for each reader, locked by it: a dead reader holds nothing. Blocking.

    Args:
        folder: of the lists.
        lock: a file; whoever has it locked may remove what no list names.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        self._folder = folder
        self._lock = lock

    @contextmanager
    def hold(self, names: Iterable[str]) -> Generator[None]:
        """Hold files for the length of the context.

        Raises:
            StorageError: it cannot be written down.
        """
        path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        lock = FileLock(path)
        try:
            with self.alone(), storage_errors("Writing", path):
                self._folder.mkdir(parents=True, exist_ok=True)
                lock.take()
                path.write_text("\n".join(names), encoding="utf-8")
            yield
        finally:
            path.unlink(missing_ok=True)
            lock.release()

    @contextmanager
    def alone(self) -> Generator[None]:
        """Nobody else begins to hold files or removes any; StorageError after half a minute."""
        lock = FileLock(self._lock)
        with storage_errors("Locking", self._lock):
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            until = time.monotonic() + _PATIENCE
            while not lock.take():
                if time.monotonic() > until:
                    message = f"{self._lock} has been held by another process for too long."
                    raise StorageError(message)
                time.sleep(_PAUSE)
        try:
            yield
        finally:
            lock.release()

    def names(self) -> set[str]:
        """What is held, for who is `alone`; lists of dead readers are removed."""
        found: set[str] = set()
        with storage_errors("Reading", self._folder):
            for path in self._folder.glob("*"):
                lock = FileLock(path)
                if lock.take():
                    path.unlink(missing_ok=True)
                    lock.release()
                else:
                    found.update(_lines(path))
        return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []
