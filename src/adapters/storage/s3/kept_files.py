"""The part of a mirror that is a cache."""

import contextlib
import os
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.s3.held_files import HeldFiles

_SHARE = 10
_ABANDONED = 3600  # seconds without a byte
_FETCHING = "_fetching"
_log = structlog.get_logger()


class KeptFiles:
    """Files of the lake and of the quarantine, within a limit of bytes. Blocking.

    Args:
        mirror: the folder; the files of runs that have a staging area are not touched.
        held: files that may not go.
        max_bytes: the limit.
    """

    def __init__(self, mirror: DataFolder, held: HeldFiles, max_bytes: int) -> None:
        self._mirror = mirror
        self._held = held
        self._max_bytes = max_bytes
        self._looked_until = 0.0

    def use(self, path: Path, size: int, not_before: float = 0.0) -> bool:
        """Whether a file is here, of that size and no older; it counts as used now."""
        with storage_errors("Reading", path):
            try:
                about = path.stat()
                if about.st_size != size or about.st_mtime < not_before:
                    return False
                os.utime(path)
            except FileNotFoundError:
                return False
        return True

    def temporary(self, name: str) -> Path:
        """Where a file may be written before it is taken in."""
        folder = self._mirror.root / _FETCHING
        with storage_errors("Writing into", folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def take_in(self, temporary: Path, path: Path) -> None:
        """Give a file its name; readers see it whole or not at all."""
        with storage_errors("Writing", path):
            while True:
                path.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):  # its folder was empty and has gone
                    temporary.replace(path)
                    return

    def forget_kept_out(self, keys: Collection[str]) -> None:
        """Remove files of the quarantine that the store does not have."""
        with self._held.alone(), storage_errors("Tidying", self._mirror.quarantine):
            for path in self._files(self._mirror.quarantine):
                if self._mirror.relative(path) not in keys and not self._is_of_live_run(path):
                    path.unlink(missing_ok=True)

    def shrink(self) -> None:
        """Remove what was not used for the longest time, until the rest fits.

        Looking at all files takes a tenth of the time at most; in between nothing is done.
        """
        began = time.monotonic()
        if began >= self._looked_until:
            self._shrink()
            now = time.monotonic()
            self._looked_until = now + _SHARE * (now - began)

    def _shrink(self) -> None:
        with self._held.alone(), storage_errors("Tidying", self._mirror.root):
            self._sweep()
            paths = [
                path
                for folder in (self._mirror.lake, self._mirror.quarantine)
                for path in self._files(folder)
            ]
            sizes = {path: path.stat() for path in paths}
            total = sum(each.st_size for each in sizes.values())
            if total <= self._max_bytes:
                return
            held = self._held.names()
            for path in sorted(sizes, key=lambda each: sizes[each].st_mtime):
                if total <= self._max_bytes:
                    break
                if self._mirror.relative(path) in held or self._is_of_live_run(path):
                    continue
                path.unlink()
                total -= sizes[path].st_size
                if path.is_relative_to(self._mirror.lake) and not [*path.parent.glob("*.parquet")]:
                    shutil.rmtree(path.parent)
                    with contextlib.suppress(OSError):  # other attempts of the run have files there
                        path.parent.parent.rmdir()
                _log.debug("lake.dropped", file=self._mirror.relative(path))

    def _sweep(self) -> None:
        for path in (self._mirror.root / _FETCHING).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED:
                    path.unlink()

    def _files(self, folder: Path) -> Iterator[Path]:
        return folder.glob("*/*/target=*/**/*.parquet")

    def _is_of_live_run(self, path: Path) -> bool:
        """Whether the file may belong to a run that has not ended."""
        runs = [part.removeprefix("run=") for part in path.parts if part.startswith("run=")]
        return any((self._mirror.staging / run.removesuffix(".parquet")).exists() for run in runs)
