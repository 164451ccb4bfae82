"""Which spans of a time series are known for good."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From a moment to another one, which it leaves out; `since` None: as far back as it goes."""

    since: datetime | None
    until: datetime

    @property
    def is_empty(self) -> bool:
        """Nothing lies in it."""
        return not self.begins_before(self.until) or self.since == self.until

    def begins_before(self, moment: datetime) -> bool:
        """It begins at the moment or earlier."""
        return self.since is None or self.since <= moment


type Coverage = tuple[Span, ...]
"""Spans that neither meet nor overlap, in order."""


def covered(coverage: Coverage, span: Span) -> Coverage:
    """The coverage with one more span."""
    if span.is_empty:
        return coverage
    found: list[Span] = []
    for each in sorted((*coverage, span), key=_beginning):
        if found and each.begins_before(found[-1].until):
            found[-1] = Span(found[-1].since, max(found[-1].until, each.until))
        else:
            found.append(each)
    return tuple(found)


def gaps(coverage: Coverage, since: datetime, until: datetime) -> Iterator[Span]:
    """What lacks between two moments, in order."""
    begin = since
    for each in coverage:
        if each.until <= begin:
            continue
        if each.since is not None and begin < each.since and begin < until:
            yield Span(begin, min(each.since, until))
        begin = each.until
    if begin < until:
        yield Span(begin, until)


def gaps_within(coverage: Coverage) -> tuple[Span, ...]:
    """What lacks between the spans of a coverage."""
    return tuple(gaps(coverage, coverage[0].until, coverage[-1].until)) if coverage else ()


def known_until(coverage: Coverage, moment: datetime) -> datetime:
    """How far on from a moment all is known; the moment itself where nothing is."""
    here = (each.until for each in coverage if each.begins_before(moment) and moment <= each.until)
    return next(here, moment)


def chunks(
    since: datetime, until: datetime, length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """A span in parts of a length; the last one may be shorter."""
    while since < until:
        end = since + min(length, until - since)
        yield since, end
        since = end


def _beginning(span: Span) -> tuple[bool, datetime]:
    return (span.since is not None, span.since or span.until)
