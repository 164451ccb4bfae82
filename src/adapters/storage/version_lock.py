"""Locks that readers of a version share, and whoever removes it must have alone."""

import fcntl
import os

import structlog

from adapters.storage.data_folder import DataFolder

_log = structlog.get_logger()


class VersionLock:
    """An flock on `_catalog/locks/version-00000042.lock`; it ends with its process. Blocking."""

    def __init__(self, folder: DataFolder, version: int) -> None:
        self._path = folder.locks / f"version-{version:08}.lock"
        self._descriptor: int | None = None

    def share(self) -> None:
        """Keep the version from being removed; does nothing where no lock can be had."""
        try:
            self._lock(fcntl.LOCK_SH)
        except OSError as error:  # a read-only or empty folder; the version is being removed now
            self.release()
            _log.debug("version.not_held", lock=self._path.name, reason=str(error))

    def take(self) -> bool:
        """Whether nobody reads the version, and nobody begins to while this lock is held.

        OSError when the file system fails.
        """
        try:
            self._lock(fcntl.LOCK_EX)
        except BlockingIOError:
            self.release()
            return False
        return True

    def discard(self) -> None:
        """Release a lock that was taken alone, and its file: nobody will ask for it again."""
        self._path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _lock(self, how: int) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._descriptor = descriptor
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
