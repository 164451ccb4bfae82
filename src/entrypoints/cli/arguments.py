"""Reads the text forms of command-line values."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from domain.errors import UsageError

_DURATION = re.compile(r"(\d{1,9})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def read_pairs(given: Sequence[str]) -> Mapping[str, str]:
    """`-p name=value`, any number of times.

    Raises:
        UsageError: no `=`, no name, or a name given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not (mark and name):
            message = f"-p {text[:80]!r} is not name=value."
            raise UsageError(message)
        if name in found:
            message = f"-p {name} is given twice."
            raise UsageError(message)
        found[name] = value
    return found


def read_moment(text: str | None, option: str) -> datetime | None:
    """An ISO 8601 date (its first moment) or date and time; UTC where no offset is given.

    Raises:
        UsageError: anything else.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{option} {text[:80]!r} is not a date like 2026-01-31 or 2026-01-31T12:00Z."
        raise UsageError(message) from error


def read_duration(text: str, option: str) -> timedelta:
    """A whole number with s, m, h, d or w.

    Raises:
        UsageError: anything else.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    try:
        if match:
            return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        pass
    message = f"{option} {text[:80]!r} is not a time span like 12h, 7d or 4w."
    raise UsageError(message)
