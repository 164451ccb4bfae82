"""The time span of one request of a declared source, and the windows it is split into."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from adapters.sources.declared.section import Section
from domain.errors import UsageError
from domain.sources import Window

FORMATS = ("date", "iso", "iso_ms", "epoch_s", "epoch_ms", "year")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SpanRules:
    """How a source wants time spans.

    Attributes:
        form: how a moment is written.
        begin: where the data begins; None when the upstream decides.
        end: what is written for an open end; empty to leave it out.
        days: longest span of one request; 0 for any.
        tail_days: how long values are provisional; None when a source is not incremental.
        default_days: how far back the upstream goes where it is told no beginning; 0: to its own.
    """

    form: str
    begin: datetime | None
    end: str
    days: int
    tail_days: int | None
    default_days: int = 0

    def first(self, window: Window) -> "Span":
        """The span of the first request."""
        known = window.complete_until if self.tail_days is not None else None
        since = window.since or known or self.begin
        if since is None and window.until and self.default_days:
            since = window.until - timedelta(days=self.default_days)
        return self._bounded(Span(since, window.until), window.until)

    def after(self, span: "Span", now: datetime) -> "Span | None":
        """The window that follows one which was asked for; None at the end."""
        if not self.days or span.until is None:
            return None
        end = min(span.last, now) if span.last else now
        if span.until >= end:
            return None
        return self._bounded(Span(span.until, span.last), span.last)

    def _bounded(self, span: "Span", last: datetime | None) -> "Span":
        if not self.days or span.since is None:
            return span
        until = span.since + timedelta(days=self.days)
        return Span(span.since, min(until, last) if last else until, last)

    def complete_until(self, span: "Span", now: datetime) -> datetime | None:
        """Before which nothing changes any more, once this span is answered."""
        if self.tail_days is None:
            return None
        settled = now - timedelta(days=self.tail_days)
        return min(span.until, settled) if span.until else settled

    def days_of(self, span: "Span") -> int:
        """How many days a request spans, begun ones counted; one where it has no ends."""
        if span.since is None or span.until is None:
            return max(1, self.days)
        return max(1, -((span.since - span.until) // timedelta(days=1)))

    def is_empty(self, span: "Span") -> bool:
        """No moment that the upstream can name lies in the span."""
        if span.since is None or span.until is None:
            return False
        return self._not_before(span.since) > span.until - _MOMENT

    def written(self, span: "Span") -> dict[str, str]:
        """`since` and `until` as the upstream writes them; `until` is the last moment meant."""
        until = self._write(span.until - _MOMENT) if span.until else self.end
        since = self._write(self._not_before(span.since)) if span.since else ""
        return {"since": since, "until": until}

    def _not_before(self, at: datetime) -> datetime:
        """The first moment from `at` on that the upstream can name.

        A day that began before `at` belongs to the window before. Seconds are rounded down: what
        an upstream of whole seconds calls 12:00:00 may have happened later in that second.
        """
        match self.form:
            case "date":
                begin = datetime.combine(at.date(), time(), UTC)
                return begin if begin == at else begin + timedelta(days=1)
            case "year":
                begin = datetime(at.year, 1, 1, tzinfo=UTC)
                return begin if begin == at else datetime(at.year + 1, 1, 1, tzinfo=UTC)
            case "iso_ms" | "epoch_ms":
                return at + timedelta(microseconds=-at.microsecond % 1000)
            case _:
                return at.replace(microsecond=0)

    def _write(self, at: datetime) -> str:
        match self.form:
            case "date":
                return at.date().isoformat()
            case "year":
                return f"{at.year:04d}"
            case "epoch_s":
                return str((at - _EPOCH) // timedelta(seconds=1))
            case "epoch_ms":
                return str((at - _EPOCH) // timedelta(milliseconds=1))
            case "iso_ms":
                return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
            case _:
                return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to before `until`; `last` is where the last window ends, if it ends."""

    since: datetime | None = None
    until: datetime | None = None
    last: datetime | None = None

    def to_json(self) -> list[str | None]:
        """For a request's context."""
        return [at.isoformat() if at else None for at in (self.since, self.until, self.last)]

    @classmethod
    def from_json(cls, value: list[Any]) -> "Span":
        """The span that a request carries."""
        return cls(*(datetime.fromisoformat(each) if each else None for each in value))


def read_span_rules(section: Section) -> SpanRules:
    """The `[window]` of a declaration."""
    begin = section.text("begin", "")
    try:
        first = datetime.combine(date.fromisoformat(begin), time(), UTC) if begin else None
    except ValueError as exc:
        raise section.fail(name="begin", complaint="must be a date such as 1999-01-04.") from exc
    rules = SpanRules(
        section.choice("format", FORMATS, "date"),
        first,
        section.text("open_end", ""),
        section.integer("days", 0),
        section.integer("tail_days") if "tail_days" in section else None,
        section.integer("default_days", 0),
    )
    section.integer("tail_days", 0)
    section.end()
    return rules


def check_supported(window: Window, takes: Collection[str], name: str) -> None:
    """UsageError where a span is asked for that the source's request cannot express."""
    for option, at in (("since", window.since), ("until", window.until)):
        if at is not None and option not in takes:
            other = next((f"nothing but --{each}" for each in takes), "no part of a target")
            message = f"{name} has no --{option}: its upstream can be asked for {other}."
            raise UsageError(message)
