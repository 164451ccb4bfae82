"""Runs one command as a whole process and takes the operating system's own figures."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from static_upstream import Upstream

_LIMIT = 1200.0  # seconds for one run
_MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2), ru_maxrss


@dataclass(frozen=True)
class Measured:
    """Figures of one run.

    Attributes:
        wall: seconds, start and imports included.
        cpu: seconds, user and system, of the process and the children that it waited for.
        memory: bytes resident at the peak, of the largest of these processes.
        requests: as the upstream counted them.
    """

    wall: float
    cpu: float
    memory: int
    requests: int


def measure(
    command: Sequence[str], upstream: Upstream, folder: Path, environment: Mapping[str, str]
) -> Measured:
    """Run a command to its end in a folder; SystemExit with its words when it fails."""
    os.sync()  # what the run before left to write is not this one's cost
    before = upstream.requests()
    with (folder / "words").open("wb+") as words:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
            cwd=folder,
            start_new_session=True,
        )
        watch = threading.Timer(_LIMIT, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            watch.cancel()
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            words.seek(0)
            said = words.read()[-2000:].decode(errors="replace")
            message = f"{' '.join(command)} ended with {process.returncode}:\n{said}"
            raise SystemExit(message)
    return Measured(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss * _MEMORY_UNIT,
        requests=upstream.requests() - before,
    )


def counted_rows(nfts: str, traits: str) -> dict[str, int]:
    """What the Parquet files behind two globs hold, whoever wrote them."""
    script = str(Path(__file__).with_name("count_rows.py"))
    command = [sys.executable, script, nfts, traits]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    counts: dict[str, int] = json.loads(said)
    return counts
