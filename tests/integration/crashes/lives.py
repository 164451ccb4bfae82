"""Lives of the engine in processes of their own, with faults in their system calls."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.integration.crashes import one_life

ROOT = Path(__file__).parents[3]
KILLED = -signal.SIGKILL
ABORTED = -signal.SIGABRT  # DuckDB 2.0's own end where /proc cannot be read


@dataclass(frozen=True, slots=True)
class Injection:
    """A fault in the n-th call of a name, counted in each thread; as strace writes it.

    Attributes:
        call: a system call, or several that mean the same: "rename,renameat,renameat2".
        fault: "signal=KILL", "error=EIO", "error=ENOSPC".
    """

    call: str
    fault: str
    at: int


@dataclass(frozen=True, slots=True)
class Life:
    """How a process ended: its exit code, what it said, and its traced system calls."""

    code: int
    said: str
    calls: list[str]

    @property
    def was_hit(self) -> bool:
        """Whether the fault has come to pass."""
        return self.code == KILLED or any("(INJECTED)" in call for call in self.calls)

    def repeated_syncs(self) -> list[str]:
        """Files that were flushed once more after that had failed.

        What DuckDB does while it builds `catalog.duckdb` is its own affair: a file that can be
        made again, under a name that nobody reads. Folders, which have no suffix, are flushed for
        each new name in them.
        """
        failed: set[str] = set()
        repeated = []
        for call in self.calls:
            found = re.search(r"f(?:data)?sync\(\d+<([^>]*)>", call)
            if not found or ".catalog.duckdb." in found[1] or not Path(found[1]).suffix:
                continue
            if found[1] in failed:
                repeated.append(found[1])
            if "(INJECTED)" in call:
                failed.add(found[1])
        return repeated


class Lives:
    """Starts lives one after another."""

    def __init__(self, home: Path, stdin: IO[str], stdout: IO[str]) -> None:
        self._home = home
        self._stdin = stdin
        self._stdout = stdout
        self._gate = home / "gate"
        self._said = home / "said.txt"
        os.mkfifo(self._gate)
        assert self._answer() == "ready"

    def live(self, root: Path, items: int, injection: Injection | None = None) -> Life:
        """Ingest so many items into a data folder."""
        already = self._said.stat().st_size
        self._stdin.write(f"{root}\t{items}\t{self._gate}\n")
        self._stdin.flush()
        process = int(self._answer())
        try:
            with self._traced(process, injection) as log:
                self._gate.write_bytes(b"!")
                code = int(self._answer())
        except BaseException:
            os.kill(process, signal.SIGKILL)
            raise
        calls = log.read_text(errors="replace").splitlines() if log else []
        return Life(code, self._said.read_bytes()[already:].decode(), calls)

    def _answer(self) -> str:
        line = self._stdout.readline()
        assert line, self._said.read_text()
        return line.strip()

    @contextmanager
    def _traced(self, process: int, injection: Injection | None) -> Iterator[Path | None]:
        if injection is None:
            yield None
            return
        log = self._home / "calls.txt"
        log.unlink(missing_ok=True)
        call, fault, at = injection.call, injection.fault, injection.at
        with subprocess.Popen(
            ["strace", "-f", "-y", "-o", log, "-e", f"trace={call}", "-e", "signal=none",
             "-e", f"inject={call}:{fault}:when={at}", "-p", str(process)],
            stderr=subprocess.PIPE, text=True,
        ) as tracer:  # fmt: skip
            assert tracer.stderr is not None
            attached = tracer.stderr.readline()
            assert "attached" in attached, attached
            yield log
            tracer.communicate(timeout=30)


@contextmanager
def lives(home: Path) -> Iterator[Lives]:
    """A process that is ready to fork lives."""
    with (
        (home / "said.txt").open("wb") as said,
        subprocess.Popen(
            [sys.executable, "-m", one_life.__name__],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
        ) as server,
    ):  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield Lives(home, server.stdin, server.stdout)
        finally:
            server.stdin.close()
            server.wait(timeout=30)


def why_no_tracing() -> str:
    """Why system calls cannot be traced here; empty where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed (on Debian: apt-get install strace)"
    tried = subprocess.run(
        [strace, "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False
    )
    return "" if tried.returncode == 0 else f"ptrace is refused: {tried.stderr.strip()[:200]}"
