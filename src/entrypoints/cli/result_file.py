"""Writes a result to a file that appears whole or not at all."""

import fcntl
import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from domain.errors import StorageError, UsageError

_STDOUT = "-"
_DRAFT = ".part"


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
        _sweep(target)
        draft = target.with_name(f".{target.name}.{os.getpid()}{_DRAFT}")
        try:
            with draft.open("xb") as sink:
                with suppress(OSError):  # without locks the process id alone protects it
                    fcntl.flock(sink, fcntl.LOCK_EX)
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


def _sweep(target: Path) -> None:
    """Remove drafts of the target whose processes were killed, on whichever machine."""
    for draft in target.parent.glob(f".{glob.escape(target.name)}.*{_DRAFT}"):
        pid = draft.name.removeprefix(f".{target.name}.").removesuffix(_DRAFT)
        if not pid.isdecimal() or _is_alive(int(pid)):
            continue
        try:
            with draft.open("rb") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink(missing_ok=True)
        except OSError:
            continue  # somebody else's, or gone already


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
