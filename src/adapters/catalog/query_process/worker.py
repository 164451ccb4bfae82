"""One process that waits for its statement."""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator

from adapters.catalog.query_process.frames import (
    EndedError,
    Kind,
    TooLongError,
    packed,
    read_frame,
)
from domain.errors import QueryError

_PROGRAM = (
    "import gc, sys; gc.set_threshold(150_000); "  # what is loaded stays, so there is no garbage
    "sys.modules['numpy'] = None; "  # Arrow would load it where it is installed
    "from adapters.catalog.query_process.program import main; main()"
)
_COMMAND = (sys.executable, "-I", "-c", _PROGRAM)


class TimeUpError(Exception):
    """The process has taken the time that it was given."""


class QueryWorker:
    """Starts at once, serves one statement, and is killed afterwards.

    Its environment is empty, its working folder the root, and it inherits nothing but two pipes.
    Only time that is spent waiting for it counts against its patience: whoever reads its rows may
    take as long as they like.
    """

    def __init__(self) -> None:
        own_stdin, self._stdin = os.pipe()
        self._stdout, own_stdout = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # this program's own Python
                _COMMAND,
                stdin=own_stdin,
                stdout=own_stdout,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        except BaseException:
            os.close(self._stdin)
            os.close(self._stdout)
            raise
        finally:
            os.close(own_stdin)
            os.close(own_stdout)
        self._patience = 0.0
        self._longest: int | None = None

    @property
    def is_waiting(self) -> bool:
        """It lives."""
        return self._process.poll() is None

    def be_patient(self, seconds: float, longest: int | None = None) -> None:
        """Allow so much time from now on, and messages of so many bytes."""
        self._patience = seconds
        self._longest = longest or self._longest

    def tell(self, kind: Kind, content: bytes) -> None:
        """Send a message; a process that is gone is noticed when it is listened to."""
        with contextlib.suppress(BrokenPipeError):
            for part in (packed(kind, len(content)), content):
                left = memoryview(part)
                while left:
                    left = left[os.write(self._stdin, left) :]

    def answers(self) -> Iterator[tuple[Kind, bytes]]:
        """Its messages.

        Raises:
            TimeUpError: its time is up.
            QueryError: it has died.
        """
        while True:
            try:
                yield read_frame(self._read, self._longest)
            except EndedError:
                raise QueryError(self._obituary()) from None
            except TooLongError as error:
                message = "One part of the result is larger than the query's memory (--memory)."
                raise QueryError(message) from error

    def end(self) -> None:
        """Kill it, whatever it does, and wait for its end."""
        self._process.kill()
        self._process.wait()
        os.close(self._stdin)
        os.close(self._stdout)

    def _read(self, most: int) -> bytes:
        began = time.monotonic()
        try:
            if not _readable(self._stdout, self._patience):
                raise TimeUpError
            return os.read(self._stdout, most)
        finally:
            self._patience -= time.monotonic() - began

    def _obituary(self) -> str:
        code = self._process.wait()
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        return (
            f"The query's process ended {how}, most likely for want of memory. Ask for less, or "
            "allow it more (--memory)."
        )


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))
