"""Where a result goes: a file, a terminal, perhaps through a pager, or a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from domain.errors import StorageError
from entrypoints.cli.compression import compressed
from entrypoints.cli.failures import forget_stdout
from entrypoints.cli.pager import paged
from entrypoints.cli.result_file import replacing
from entrypoints.cli.terminal_sink import TerminalSink


@contextmanager
def sink_to(
    output: Path | None, *, terminal: bool, compression: str = "", pager: bool = False
) -> Iterator[BinaryIO]:
    """A byte stream to the file or stdout.

    Raises:
        UsageError: the file cannot be there.
        StorageError: writing failed; a file is as it was.
    """
    if output is not None:
        with replacing(output) as file, compressed(file, compression) as sink:
            yield sink
        return
    try:
        sys.stdout.flush()
        if terminal:
            with paged(sys.stdout.buffer, is_wanted=pager) as screen, TerminalSink(screen) as sink:
                yield cast("BinaryIO", sink)
        else:
            yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        message = f"stdout cannot be written: {error.strerror}."
        raise StorageError(message) from error
