"""Numbers of seconds in header fields (RFC 9111 section 1.2.2)."""

import re
from functools import lru_cache

LARGEST = 2**31
"""What larger numbers count as."""

_DIGITS = re.compile(r"\d+", re.ASCII)


@lru_cache(maxsize=4096)
def parse_delta_seconds(text: str) -> int | None:
    """A whole, non-negative number of seconds; None for anything else."""
    if not _DIGITS.fullmatch(text):
        return None
    significant = text.lstrip("0") or "0"
    return LARGEST if len(significant) > len(str(LARGEST)) else min(int(significant), LARGEST)
