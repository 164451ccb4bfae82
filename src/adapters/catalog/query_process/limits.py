"""What the operating system lets a statement's process have, whatever the engine thinks."""

import os
import re
import resource
from pathlib import Path

from domain.errors import UsageError

_MEMORY = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?([KMGT]i?B|%)", re.IGNORECASE)
_UNITS = {"k": 1, "m": 2, "g": 3, "t": 4}
_PROGRAM = 1 << 30  # bytes of addresses for libraries, threads and what Arrow holds beside
_UNKNOWN = 4 << 30  # bytes of addresses
_FILES = 64  # descriptors beside those of the statement's own files
_SECONDS = 10  # of CPU beside those of the statement


def memory_bytes(text: str) -> int:
    """An amount of memory as DuckDB writes it: 512MB, 1.5GiB, 80%.

    Raises:
        UsageError: it is none.
    """
    found = _MEMORY.fullmatch(text.strip())
    amount = _amount(float(found[1]), found[2].lower()) if found else 0
    if amount < 1:
        message = f"{text!r} is not an amount of memory: write 512MB or 2GB."
        raise UsageError(message)
    return amount


def _amount(number: float, unit: str) -> int:
    if unit == "%":
        all_of_it = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return int(all_of_it * min(number, 100) / 100)
    base = 1024 if "i" in unit else 1000
    return int(number * base ** _UNITS[unit[0]])


def confine(memory: int, seconds: float) -> None:
    """Bound this process for good.

    Nothing can be written to files; addresses are bounded by twice the memory that the engine may
    use, since it counts not all that it takes.

    Args:
        memory: bytes for the engine.
        seconds: for the statement, on each core.
    """
    cores = os.cpu_count() or 1
    _lower(resource.RLIMIT_AS, _addresses() + 2 * memory + _PROGRAM)
    _lower(resource.RLIMIT_CPU, int(seconds * cores) + _SECONDS)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)


def confine_files(count: int) -> None:
    """Bound how many files this process has open."""
    _lower(resource.RLIMIT_NOFILE, _FILES + count)


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))


def _addresses() -> int:
    """Bytes of addresses that this process has now; a guess where nothing tells."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return _UNKNOWN
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
