"""Rate limits as upstreams state them: strings, headers."""

import re
from dataclasses import dataclass

from domain.headers import Headers

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"^\s*(\d{1,9})\s*/\s*(\d{0,6})\s*([smhd])\s*$")
_EPOCH_IN_MILLISECONDS = 1e11
_EPOCH_IN_SECONDS = 1e9


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Quota:
    """What the upstream says is left.

    Attributes:
        limit, remaining: requests in the current period; None where not said.
        reset_after: seconds until the period ends; None where not said.
    """

    limit: int | None
    remaining: int | None
    reset_after: float | None


def parse_rate_limit(text: str) -> RateLimit | None:
    """Read "600/h", "5/m" or "10/15m"; None for anything else."""
    match = _FORM.match(text)
    if match is None or int(match[1]) == 0 or match[2] == "0":
        return None
    return RateLimit(int(match[1]), _UNITS[match[3]] * int(match[2] or 1))


def parse_quota(headers: Headers, now: float) -> Quota | None:
    """Read `X-RateLimit-Limit`, `-Remaining` and `-Reset`; None when no field is usable.

    `X-RateLimit-Reset` comes as epoch seconds, epoch milliseconds or seconds from now.

    Args:
        headers: of an answer.
        now: epoch seconds.
    """
    limit = _number(headers.get("x-ratelimit-limit"))
    remaining = _number(headers.get("x-ratelimit-remaining"))
    reset = _number(headers.get("x-ratelimit-reset"))
    if limit is None and remaining is None and reset is None:
        return None
    reset_after: float | None = None
    if reset is not None:
        if reset >= _EPOCH_IN_MILLISECONDS:
            reset = reset / 1000
        reset_after = reset - now if reset >= _EPOCH_IN_SECONDS else reset
        reset_after = max(0.0, reset_after)
    return Quota(_whole(limit), _whole(remaining), reset_after)


def _number(text: str | None) -> float | None:
    if text is None or not re.fullmatch(r"\s*\d{1,15}(\.\d{1,9})?\s*", text):
        return None
    return float(text)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
