"""Rate limits as upstreams state them in words, and what of them binds."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"^\s*(\d{1,9})\s*/\s*(\d{0,6})\s*([smhd])\s*$")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` requests, or their weights, in any `seconds`."""

    count: int
    seconds: float


def least_seconds(weight: int, limits: Iterable[RateLimit]) -> float:
    """The least time in which requests of that weight in all can be sent; 0 without limits."""
    whole = max(0, weight - 1)
    return max((whole // limit.count * limit.seconds for limit in limits), default=0.0)


def parse_rate_limit(text: str) -> RateLimit | None:
    """Read "600/h", "5/m" or "10/15m"; None for anything else."""
    match = _FORM.match(text)
    if match is None or int(match[1]) == 0 or match[2] == "0":
        return None
    return RateLimit(int(match[1]), _UNITS[match[3]] * int(match[2] or 1))


def binding_limits(limits: Iterable[RateLimit]) -> list[RateLimit]:
    """Limits that imply all of the given ones, shortest window first.

    Windows, counts, and the time that a request takes on average all grow along the list. What
    others imply is left out; where a longer window would allow a faster pace than a shorter one
    without being implied by it, it is narrowed to that pace.
    """
    bound: list[RateLimit] = []
    for limit in sorted(limits, key=lambda each: (each.seconds, each.count)):
        while bound and bound[-1].count >= limit.count:
            bound.pop()  # a longer window with no more room implies the shorter one
        if not bound:
            bound.append(limit)
            continue
        shorter = bound[-1]
        if math.ceil(limit.seconds / shorter.seconds) * shorter.count <= limit.count:
            continue
        count = min(limit.count, math.floor(shorter.count * limit.seconds / shorter.seconds))
        if count <= shorter.count:
            bound.pop()
        bound.append(RateLimit(max(count, shorter.count), limit.seconds))
    return bound
