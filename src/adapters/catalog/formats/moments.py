"""Moments and intervals that Python's types cannot hold, as text."""

from datetime import date

_PARTS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of a second
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_DAY = 86_400  # seconds
_CYCLE = 146_097  # days of 400 years, after which the calendar repeats
_EPOCH = date(1970, 1, 1).toordinal() - 1
_DATE_END = 2**31 - 1
_TIMESTAMP_END = 2**63 - 1


def far_date(days: int) -> str:
    """ISO 8601 for days since 1970, with astronomical years; DuckDB's two infinities by name."""
    if abs(days) == _DATE_END:
        return "infinity" if days > 0 else "-infinity"
    cycles, rest = divmod(days + _EPOCH, _CYCLE)
    near = date.fromordinal(rest + 1)
    year = near.year + 400 * cycles
    return f"{year:0{5 if year < 0 else 4}}-{near.month:02}-{near.day:02}"


def far_time(value: int, unit: str) -> str:
    """ISO 8601 for parts of a second since midnight."""
    seconds, fraction = divmod(value, _PARTS[unit])
    digits = f".{fraction:0{_DIGITS[unit]}}" if fraction else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{digits}"


def far_timestamp(value: int, unit: str, *, is_zoned: bool) -> str:
    """ISO 8601 for parts of a second since 1970; zoned ones are in UTC."""
    if abs(value) == _TIMESTAMP_END:
        return "infinity" if value > 0 else "-infinity"
    days, within = divmod(value, _DAY * _PARTS[unit])
    return f"{far_date(days)}T{far_time(within, unit)}{'+00:00' if is_zoned else ''}"


def interval(months: int, days: int, nanoseconds: int) -> str:
    """As DuckDB writes it: `1 year 2 months 3 days 00:00:01.5`."""
    sign = -1 if months < 0 else 1
    years, rest = divmod(abs(months), 12)
    named = [(sign * years, "year"), (sign * rest, "month"), (days, "day")]
    words = [f"{n} {unit}{'s' * (abs(n) != 1)}" for n, unit in named if n]
    if nanoseconds or not words:
        clock = far_time(abs(nanoseconds) // 1000, "us")
        words.append(("-" if nanoseconds < 0 else "") + _short(clock))
    return " ".join(words)


def _short(clock: str) -> str:
    return clock.rstrip("0") if "." in clock else clock
