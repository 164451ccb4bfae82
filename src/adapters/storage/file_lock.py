"""A lock that the kernel frees when its holder dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive flock on a file; tasks of one process exclude each other too.

    Blocking only for as long as the file system takes; `take` never waits for a holder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Whether the lock is held now; OSError when the file cannot be made."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever removed the file while this process opened it has locked nothing for us.
            is_current = os.path.samestat(os.fstat(descriptor), self._path.stat())
        except (BlockingIOError, FileNotFoundError):
            is_current = False
        except OSError:
            os.close(descriptor)
            raise
        if is_current:
            self._descriptor = descriptor
        else:
            os.close(descriptor)
        return is_current

    def is_taken(self) -> bool:
        """Whether somebody holds the lock at this moment; OSError when there is no such file.

        To look takes a shared lock for a moment, which may turn somebody away who takes it then.
        """
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def sign(self, holder: str) -> None:
        """Write into the file who holds it."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, holder.encode(), 0)

    def signature(self) -> str:
        """What the holder wrote; empty when it has not yet."""
        with self._path.open(encoding="utf-8", errors="replace") as file:
            return file.read(200).strip()

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
