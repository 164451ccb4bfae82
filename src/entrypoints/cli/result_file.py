"""Writes a result to a file that appears whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import StorageError, UsageError


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes the target's place when the context ends without an error.

    A device or a pipe is written to directly.

    Raises:
        UsageError: the target is a folder, or its folder does not exist.
        StorageError: writing failed; the target is as it was.
    """
    target = target.resolve()
    if target.is_dir() or not target.parent.is_dir():
        message = f"-o {target} is not a file in an existing folder."
        raise UsageError(message)
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("wb") as sink:
                yield sink
            return
        draft = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with draft.open("xb") as sink:
                yield sink
                sink.flush()
                os.fsync(sink.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise StorageError(message) from error
