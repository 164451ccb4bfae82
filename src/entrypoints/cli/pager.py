"""Shows what is longer than the screen through a pager."""

import contextlib
import io
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast, override

_LESS = ("less", "-FRSX")
_PROMPT = 2  # lines that a shell wants for itself


@contextmanager
def paged(terminal: BinaryIO, *, is_wanted: bool) -> Iterator[BinaryIO]:
    """The terminal, behind `$PAGER` (else less, where there is one) from the first screen on.

    A shorter text goes to the terminal when the context ends. Leaving the context waits until the
    pager is left; whoever leaves it early makes further writes a BrokenPipeError.
    """
    command = _command() if is_wanted else ()
    if not command:
        yield terminal
        return
    sink = _PagedSink(terminal, command)
    try:
        yield cast("BinaryIO", sink)
    finally:
        sink.close()


def _command() -> tuple[str, ...]:
    """The pager's words; none where there is no pager, or none is wanted."""
    if os.environ.get("TERM") == "dumb":
        return ()
    given = os.environ.get("PAGER")
    try:
        command = _LESS if given is None else tuple(shlex.split(given))
    except ValueError:
        return ()
    return command if command and shutil.which(command[0]) else ()


class _PagedSink(io.RawIOBase):
    def __init__(self, terminal: BinaryIO, command: tuple[str, ...]) -> None:
        self._terminal = terminal
        self._command = command
        self._waiting = bytearray()
        self._room = shutil.get_terminal_size().lines - _PROMPT
        self._pager: subprocess.Popen[bytes] | None = None

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # all that writers hand over
        if self._pager is None:
            self._waiting += data
            if self._waiting.count(b"\n") > self._room:
                self._start()
        elif self._pager.stdin is not None:
            self._pager.stdin.write(data)
        return len(data)

    @override
    def close(self) -> None:
        if self.closed:
            return
        super().close()
        if self._pager is None:
            self._terminal.write(self._waiting)
            return
        if self._pager.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._pager.stdin.close()
        with _interrupts_ignored():
            self._pager.wait()

    def _start(self) -> None:
        self._terminal.flush()
        environment = {"LESS": "FRSX", "LESSSECURE": "1", **os.environ}
        self._pager = subprocess.Popen(  # noqa: S603  # the user's own choice, without a shell
            self._command, stdin=subprocess.PIPE, env=environment
        )
        if self._pager.stdin is not None:
            self._pager.stdin.write(self._waiting)
        self._waiting.clear()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ctrl-C belongs to the pager while it is shown."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
