"""The check of a source as text and as JSON."""

from typing import Any

from domain.source_checks import SourceCheck
from entrypoints.cli.output import say, show

_MOST_UNREAD = 40


def check_as_json(check: SourceCheck) -> dict[str, Any]:
    """Everything that was found."""
    return {
        "source": check.source,
        "sound": check.sound,
        "recording": check.place,
        "rows": dict(check.rows),
        "requests": check.requests,
        "not_recorded": list(check.missing),
        "complaints": list(check.complaints),
        "notes": list(check.notes),
        "unread": list(check.unread),
    }


def show_check(check: SourceCheck) -> None:
    """The same for people: complaints last, where the eye is."""
    rows = ", ".join(f"{count:,} {table}" for table, count in check.rows.items())
    place = f" ({check.place})" if check.place else ""
    asked = "1 request" if check.requests == 1 else f"{check.requests} requests"
    show(f"{check.source}: {rows} from {asked}{place}")
    for note in check.notes:
        show(f"  {note}")
    if check.unread:
        more = f" … {len(check.unread)} in all" if len(check.unread) > _MOST_UNREAD else ""
        show(f"  read by no column: {', '.join(check.unread[:_MOST_UNREAD])}{more}")
    for complaint in check.complaints:
        say(f"wrong: {complaint}", "red")
    if check.sound:
        show("  schema, keys and expectations hold")
