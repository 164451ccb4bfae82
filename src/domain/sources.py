"""The source model: a pure value that says what to ask and how to read the answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import FetchError, ParseError
from domain.expectations import Expectation, QuarantinedRecord
from domain.frozen import quickly_made
from domain.headers import Headers
from domain.rate_limits import RateLimit
from domain.requests import CachePolicy, Request, Response
from domain.tables import Record, TableSpec

EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before all data."""


BOTH_ENDS = frozenset({"since", "until"})


@dataclass(frozen=True, slots=True)
class Window:
    """The time span asked for; an open end is None.

    Attributes:
        complete_until: all before this moment is in the table for good, says an earlier run of
            the same series; where `since` is open, a source need ask no earlier.
    """

    since: datetime | None = None
    until: datetime | None = None
    complete_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A source's own option for `app ingest -p name=value`."""

    name: str
    meaning: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class InstantKey:
    """An endpoint that hands out a key without registration.

    Attributes:
        path: below the base URL; asked with POST and an empty body.
        key_field, expires_field, limits_field: where the JSON answer holds each.
    """

    path: str
    key_field: str
    expires_field: str
    limits_field: str = "rate_limits"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The header that carries a key, and where the key comes from.

    Attributes:
        where: the page at which a person gets one.
        scheme: word that stands before the key in the field (`Token`); empty for none.
        required: without a key (set or instant) the source does not work.
    """

    header: str
    variable: str
    where: str
    required: bool = True
    instant: InstantKey | None = None
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """How to talk to an upstream.

    Attributes:
        base_url: origin and path prefix of all requests with Trust.SOURCE.
        upstream: name under which settings and kept keys know the upstream, where several sources
            share it; empty for the source's own.
        hosts: base URLs of further hosts of the upstream, by the name that `Request.host` has;
            keys go to the base URL's origin alone.
        when_refused: what a person may do where the upstream answers 401 or 403.
        limits: known limits; headers of the answers refine them at run time.
        concurrency: most requests in flight to the source's own origin.
        throttled_statuses: statuses that mean "slower" besides 418, 429, 599, and 503 with a
            `Retry-After`.
        limited: seconds to wait where an answer (status, fields, body) says that its upstream
            limits us although its status or its fields do not; 0.0 when it does not say for how
            long; None when it is an answer. Pure; sees every answer, so it must be quick to pass
            on those that are none of its business. `domain.stated_limits` has one that reads
            the usual words.
    """

    base_url: str
    api_key: ApiKey | None = None
    limits: tuple[RateLimit, ...] = ()
    concurrency: int = 8
    cache: CachePolicy = field(default_factory=CachePolicy)
    throttled_statuses: frozenset[int] = frozenset()
    limited: Callable[[int, Headers, bytes], float | None] | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    when_refused: str = ""
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that stays in its table although something about it could not be had."""

    item: str
    reason: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Page:
    """What an answer says.

    Attributes:
        records: by table name, values in the order of the table's fields.
        quarantined: by table name, records that the source itself cannot vouch for.
        requests: what to ask next; one with `expands` continues the list.
        failures: items whose details are missing, by reason; they count towards "partial".
        items: how many of the target's items this answer completes (for progress).
        total: how many items the target is said to have, where the answer says so.
        notes: plain words for the run's summary.
        tallies: numbers for the summary, by what they count; those of all pages are added up.
        deferred: items to be asked for together with others, as JSON values; see `Source.gather`.
        complete_until: once all requests of the run are answered, nothing before this moment
            will change any more: where the next run of the series begins.
    """

    records: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    quarantined: Mapping[str, Sequence[QuarantinedRecord]] = field(default_factory=dict)
    requests: Sequence[Request] = ()
    failures: Sequence[Failure] = ()
    items: int = 0
    total: int | None = None
    notes: Sequence[str] = ()
    tallies: Mapping[str, int] = field(default_factory=dict)
    deferred: Sequence[Any] = ()
    complete_until: datetime | None = None


type Options = Mapping[str, str]

type Gather = Callable[[Sequence[Any], int], Page]
"""What to do with deferred items, and how many of the run's were gathered before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A provider of data, as a value.

    Attributes:
        name: also its module's name ("opensea").
        domain: first word of `app ingest` and the SQL schema ("nft").
        check_target: returns the target as the source spells it; UsageError if it can't be one.
        start: the first requests of a run. Pure.
        parse: reads an answer; raises ParseError when it is not what was asked for. Pure.
        failed: what a request that was given up leaves behind; raises when the run can't go on.
        partial_above: share of failed items above which a run is `partial`.
        depends_on: names of sources whose tables this one reads.
        takes: which of `--since` and `--until` its upstream can be asked for.
        remembers: what was asked for is known from then on, but for a provisional tail; a source
            whose rows may all be revised remembers nothing, and each run asks for all of them.
        default_span: how far back the upstream goes where a run names no beginning; None: as far
            as it has data.
        carries_pages: what a page led to may be carried over into later runs while the page is
            the same and nothing behind it would be asked for again. For sources whose code comes
            with the program, so that a new version of it reads all pages anew.
        gather: what to do with items that pages have deferred; called with `gather_size` of them,
            at the end of the run with those that are left. Pure.
    """

    name: str
    domain: str
    title: str
    example_target: str
    tables: tuple[TableSpec, ...]
    policy: SourcePolicy
    check_target: Callable[[str], str]
    start: Callable[[str, Window, Options], Sequence[Request]]
    parse: Callable[[Request, Response], Page]
    failed: Callable[[Request, FetchError | ParseError], Page]
    parameters: tuple[Parameter, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    partial_above: float = 0.01
    depends_on: tuple[str, ...] = ()
    takes: frozenset[str] = BOTH_ENDS
    remembers: bool = True
    default_span: timedelta | None = None
    carries_pages: bool = False
    gather: Gather | None = None
    gather_size: int = 100

    @property
    def upstream(self) -> str:
        """Name under which settings and kept keys know its upstream."""
        return self.policy.upstream or self.name

    def table(self, name: str) -> TableSpec:
        """The table of that name; KeyError if the source has none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
