"""Runs one command as a whole process and takes the operating system's own figures."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from static_upstream import served


@dataclass(frozen=True)
class Measured:
    """Figures of one run: seconds, bytes of peak memory, requests that the upstream counted."""

    wall: float
    cpu: float
    memory: int
    requests: int
    nfts: int
    traits: int


def measure(
    command: Sequence[str], base_url: str, folder: Path, environment: Mapping[str, str]
) -> Measured:
    """Run a command to its end; SystemExit with its words when it fails."""
    before = served(base_url)
    with (folder / "stderr").open("wb+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
            cwd=folder,
        )
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            message = (
                f"{' '.join(command)} ended with {process.returncode}: {errors.read()[-2000:]!r}"
            )
            raise SystemExit(message)
    counts = _counts(output)
    return Measured(
        wall,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * 1024,
        served(base_url) - before - 1,
        **counts,
    )


def _counts(output: bytes) -> dict[str, int]:
    said: dict[str, Any] = json.loads(output.splitlines()[-1])
    if "rows" in said:
        said = {name.partition(".")[2]: each["published"] for name, each in said["rows"].items()}
    return {name: said[name] for name in ("nfts", "traits")}
