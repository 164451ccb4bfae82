"""Writes a result to a file that appears whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import StorageError, UsageError

_STDOUT = "-"


def destination(output: Path | None) -> Path | None:
    """The file that `-o` names; None for stdout, which is also called `-`."""
    return None if output is None or str(output) == _STDOUT else output


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes the target's place when the context ends without an error.

    A device or a pipe is written to directly.

    Raises:
        UsageError: the target is a folder, or its folder does not exist.
        StorageError: writing failed; the target is as it was.
    """
    target = target.resolve()
    if target.is_dir():
        message = f"-o {target} is a folder: name a file in it."
        raise UsageError(message)
    if not target.parent.is_dir():
        message = f"-o {target}: there is no folder {target.parent}."
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
