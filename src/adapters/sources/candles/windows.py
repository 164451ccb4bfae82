"""Checks on the time span that a series is asked for."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from domain.errors import UsageError
from domain.options import LIMIT
from domain.sources import Options, Window

_AT_ONCE = 50
"""Windows that are planned ahead; the last of them plans the next ones."""


def page_windows(start: int, end: int, length: int) -> Iterator[tuple[int, int, int | None]]:
    """The first windows of a length from `start` to `end`, all inclusive.

    Yields:
        First and last moment, and for the last of the windows where the rest ends.
    """
    starts = [*islice(range(start, end + 1, length), _AT_ONCE)]
    for each in starts:
        stop = min(each + length - 1, end)
        yield each, stop, end if each == starts[-1] and stop < end else None


def check_order(window: Window) -> None:
    """UsageError when a span ends before it begins."""
    if window.since and window.until and window.since >= window.until:
        message = f"--since {window.since} must be before --until {window.until}."
        raise UsageError(message)


def check_begun(since: datetime, now: datetime) -> None:
    """UsageError when a span lies in the future, by the upstream's clock."""
    if since > now:
        message = (
            f"--since {since:%Y-%m-%d %H:%M} UTC lies in the future: the upstream's clock says "
            f"{now:%Y-%m-%d %H:%M}."
        )
        raise UsageError(message)


def most(options: Options) -> int | None:
    """What `--limit` allows; None without one."""
    return int(options[LIMIT]) if LIMIT in options else None
