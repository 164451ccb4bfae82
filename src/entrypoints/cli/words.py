"""Numbers as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.runs import FetchStatistics

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def size(count: float) -> str:
    """Bytes with a unit: 1.2 MB."""
    for unit in _UNITS[:-1]:
        if count < _STEP:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _STEP
    return f"{count:.1f} {_UNITS[-1]}"


def span(seconds: float) -> str:
    """A time span: 4.2 s, 3:05, 1:02:05."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def share(part: int, whole: int) -> str:
    """A percentage, rounded down: 100 % means all."""
    return f"{100 * part // whole} %" if whole else "0 %"


def cache_share(statistics: FetchStatistics) -> str:
    """How much of what was wanted the cache answered without asking."""
    return share(statistics.cache_hits, statistics.cache_hits + statistics.requests)


def moment(at: datetime | None) -> str:
    """A time in UTC, to the second."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that fits: 5 min, 3 h, 12 days; a future time is 0 s."""
    if at is None:
        return ""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds >= 2 * _DAY:
        return f"{seconds // _DAY} days"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _MINUTE} min" if seconds >= _MINUTE else f"{seconds} s"
