"""A redis-server of our own, to be stopped, killed and started anew."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = "redis-server"


class RedisServer:
    """A redis-server of our own on a socket in a temporary folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._socket = folder / "redis.sock"
        self._command = [
            *(PROGRAM, "--port", "0", "--unixsocket", str(self._socket), "--save", ""),
            *("--dir", str(folder), *options),
        ]
        self._process = self._start()

    @property
    def path(self) -> Path:
        """Its socket."""
        return self._socket

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def stop_answering(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def restart(self) -> None:
        self.kill()
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._listens():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("redis-server did not start")
            time.sleep(0.01)
        return process

    def _listens(self) -> bool:
        """The file is there a moment before anybody listens at it."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._socket))
            except OSError:
                return False
        return True


@pytest.fixture
def folder() -> Iterator[Path]:
    """A path short enough for a socket's name."""
    if shutil.which(PROGRAM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{PROGRAM} is missing, and CI wants it")
        pytest.skip(f"{PROGRAM} is not installed")
    with tempfile.TemporaryDirectory(prefix="adp-") as name:
        yield Path(name)
