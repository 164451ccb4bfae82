"""Writes that are still there after a power cut, or not there at all."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from domain.errors import StorageError

TEMPORARY = ".tmp"
UNCHANGED = "What is published has not changed."
_ADVICE = {
    errno.ENOSPC: "the disk is full: free space and run the command again",
    errno.EDQUOT: "your disk quota is used up: free space and run the command again",
    errno.EFBIG: "the file would be larger than is allowed here",
    errno.EIO: "the disk reports an error: check it before you go on",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "there is no right to write here",
    errno.ENOLCK: "its file system has no file locks: keep the data folder on a local disk",
    errno.ENAMETOOLONG: "the name is too long for this file system",
}


@contextlib.contextmanager
def storage_errors(doing: str, path: Path) -> Iterator[None]:
    """Turns an OSError into a StorageError that names the path and what to do."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, error.strerror or str(error))
        message = f"{doing} {path} failed: {advice}. {UNCHANGED}"
        raise StorageError(message) from error


def sync_file(path: Path) -> None:
    """Flush a file's contents to the disk. A failed fsync is never repeated."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to the disk."""
    sync_file(path)


def write_temporary(path: Path, content: bytes) -> Path:
    """A durable file beside `path`, under a name that nobody reads."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file: readers see the old content or the new, never a part."""
    with storage_errors("Writing", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = write_temporary(path, content)
        try:
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def move_durably(path: Path, home: Path, root: Path) -> None:
    """Rename a durable file or folder; every folder on the way to `root` is flushed."""
    home.parent.mkdir(parents=True, exist_ok=True)
    path.rename(home)
    for folder in home.parents:
        sync_folder(folder)
        if folder == root:
            break


def sweep_temporaries(folder: Path, before: datetime) -> int:
    """Remove temporary files that were last written before a moment; how many."""
    swept = 0
    with storage_errors("Removing old files from", folder):
        for path in folder.glob(f".*{TEMPORARY}"):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    swept += 1
    return swept
