"""What upstreams say in header fields about how much may still be asked."""

import re
from dataclasses import dataclass

from domain.headers import Headers
from domain.rate_limits import RateLimit

_EPOCH_IN_MILLISECONDS = 1e11
_EPOCH_IN_SECONDS = 1e9
_NUMBER = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*", re.ASCII)
_ITEM = re.compile(r'\s*"([^"\\]{0,64})"((?:\s*;\s*[a-z]+=[^;,]{0,64})*)\s*', re.ASCII)
_PARAMETER = re.compile(r";\s*([a-z]+)=(\d{1,15})\s*(?=;|$)", re.ASCII)
_MEMBER = re.compile(r"\s*(limit|remaining|reset)=(\d{1,15})\s*", re.ASCII)
_USED_WEIGHT = re.compile(r"x-mbx-used-weight-(\d{1,4})([smhd])", re.ASCII)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MOST_ITEMS = 8


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of one period.

    Attributes:
        name: tells apart several quotas of one upstream.
        remaining: requests, or weight.
        reset_after: seconds until the period ends.
    """

    name: str
    remaining: int
    reset_after: float


def speaks_of_quota(name: str) -> bool:
    """A header field, by its name in lower case, that `parse_quotas` reads."""
    return "ratelimit" in name or "rate-limit" in name or name.startswith("x-mbx-used-")


def parse_quotas(headers: Headers, now: float, limits: tuple[RateLimit, ...] = ()) -> list[Quota]:
    """Every quota that an answer states whole; fields that make no sense are passed over.

    - `X-RateLimit-Remaining` and `-Reset` (also `X-Rate-Limit-…`), the latter in epoch seconds,
      epoch milliseconds or seconds from now, as OpenSea and GitHub send them.
    - `RateLimit-Remaining` and `-Reset`, `RateLimit: limit=…, remaining=…, reset=…` and
      `RateLimit: "name";r=…;t=…`, as the drafts of draft-ietf-httpapi-ratelimit-headers have
      had them one after another.
    - `X-MBX-USED-WEIGHT-1M`, against the known limit of that period; Binance's periods begin
      with the clock's.

    Args:
        headers: of an answer.
        now: epoch seconds by the server's clock.
        limits: known beforehand; needed where an upstream says only what is used.
    """
    quotas: list[Quota] = []
    for prefix in ("x-ratelimit", "x-rate-limit", "ratelimit"):
        remaining = _number(headers.get(f"{prefix}-remaining"))
        reset = _number(headers.get(f"{prefix}-reset"))
        if remaining is not None and reset is not None:
            quotas.append(Quota(prefix, int(remaining), _reset_after(reset, now)))
    quotas += _structured(headers.get("ratelimit") or "")
    quotas += (
        quota for field in headers if (quota := _used_weight(*field, now, limits)) is not None
    )
    return quotas


def _reset_after(reset: float, now: float) -> float:
    if reset >= _EPOCH_IN_MILLISECONDS:
        reset = reset / 1000
    return max(0.0, reset - now if reset >= _EPOCH_IN_SECONDS else reset)


def _structured(text: str) -> list[Quota]:
    """The `RateLimit` field: a list of named items, or the dictionary of earlier drafts."""
    quotas: list[Quota] = []
    members: dict[str, int] = {}
    for part in text.split(",", _MOST_ITEMS)[:_MOST_ITEMS]:
        if (member := _MEMBER.fullmatch(part)) is not None:
            members[member[1]] = int(member[2])
        elif (item := _ITEM.fullmatch(part)) is not None:
            values = {name: int(value) for name, value in _PARAMETER.findall(item[2])}
            if "r" in values and "t" in values:
                quotas.append(Quota(item[1], values["r"], float(values["t"])))
    if "remaining" in members and "reset" in members:
        quotas.append(Quota("ratelimit", members["remaining"], float(members["reset"])))
    return quotas


def _used_weight(name: str, value: str, now: float, limits: tuple[RateLimit, ...]) -> Quota | None:
    match = _USED_WEIGHT.fullmatch(name)
    used = _number(value) if match else None
    if match is None or used is None or int(match[1]) == 0:
        return None
    seconds = int(match[1]) * _UNITS[match[2]]
    count = min((each.count for each in limits if each.seconds == seconds), default=None)
    if count is None:
        return None
    return Quota(name, max(0, count - int(used)), seconds - now % seconds)


def _number(text: str | None) -> float | None:
    match = _NUMBER.fullmatch(text) if text is not None else None
    return float(match[1]) if match else None
