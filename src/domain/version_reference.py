"""How people name a version: a number, a run, or a moment."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.errors import UsageError

NEWEST = "newest"
FORMS = (
    "Name a version by its number (42), by its run (at least 6 characters of the id), or by a "
    "time: 2026-01-31, 2026-01-31T12:00Z, yesterday, '2 days ago'."
)

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_DATE = re.compile(r"\d{4}-")
_AGO = re.compile(r"(?:(\d{1,6})|an?) ?(second|minute|hour|day|week)s? ago", re.IGNORECASE)
_NAME = re.compile(r"[0-9A-Za-z_-]{1,26}", re.ASCII)


@dataclass(frozen=True, slots=True)
class VersionNumber:
    """The version of that number."""

    number: int


@dataclass(frozen=True, slots=True)
class RunReference:
    """The version that a run made; by the run's id or the beginning of it."""

    run_id: str


@dataclass(frozen=True, slots=True)
class MomentReference:
    """The version that was current at a moment."""

    at: datetime


type VersionReference = VersionNumber | RunReference | MomentReference


def read_version_reference(text: str, now: datetime) -> VersionReference:
    """What a person means by a text.

    Digits alone are a number, never a date. A date means its first moment; a time without an
    offset is in UTC, as everywhere on the command line. `yesterday` is 24 hours ago.

    Args:
        text: as it was typed.
        now: what "ago" is counted from.

    Raises:
        UsageError: none of the forms.
    """
    given = text.strip()
    if _NUMBER.fullmatch(given):
        return VersionNumber(int(given))
    if given.lower() in {NEWEST, "now"}:
        return MomentReference(now)
    try:
        moment = _moment(given, now)
    except (ValueError, OverflowError) as error:
        message = f"{text[:80]!r} is no date. {FORMS}"
        raise UsageError(message) from error
    if moment is not None:
        return MomentReference(moment)
    if _NAME.fullmatch(given):
        return RunReference(given.upper())
    message = f"{text[:80]!r} names no version. {FORMS}"
    raise UsageError(message)


def _moment(given: str, now: datetime) -> datetime | None:
    """ValueError or OverflowError for what looks like a time and is none."""
    if given.lower() == "yesterday":
        return now - timedelta(days=1)
    if ago := _AGO.fullmatch(given):
        return now - timedelta(**{f"{ago[2].lower()}s": int(ago[1] or 1)})
    if not _DATE.match(given):
        return None
    found = datetime.fromisoformat(given)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
