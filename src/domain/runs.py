"""A run: one ingest of one target, from its start to its summary."""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.time_spent import STAGES


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"  # published; some items failed
    FAILED = "failed"  # nothing published
    INTERRUPTED = "interrupted"  # stopped by a person or a signal; nothing published


KILLED = "killed before the end"
"""The error of a run that could not write down its own end."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The balance of one table: fetched = published + quarantined + deduplicated."""

    fetched: int = 0
    published: int = 0
    quarantined: int = 0
    deduplicated: int = 0

    @property
    def balanced(self) -> bool:
        """Every fetched row is accounted for."""
        return self.fetched == self.published + self.quarantined + self.deduplicated


@dataclass(frozen=True, slots=True)
class FetchStatistics:
    """What the fetch layer did, counted from the start of a run.

    Attributes:
        requests: requests sent to an upstream, retries included.
        cache_hits: answers taken from the cache without asking.
        carried: of these, answers that were not even read, since they stand behind a page that is
            the same as before (`PageResults`).
        revalidated: answers confirmed by a 304.
        bytes: body bytes received, as sent (compressed).
        waited: seconds spent waiting for limits, over all requests.
        throttled: answers that asked for fewer requests.
        denied: failed requests that were not repeated, to spare an upstream that fails.
        hosts_given_up: hosts that failed so often that they were not asked any more.
        waits: `waited` by host, of the first hosts.
        given_up: the names of the first hosts given up.
        stale: answers past their freshness that were used where that is allowed (RFC 5861).
        network: seconds that requests were under way, over all requests.
        looking_up: seconds spent on visits to the cache, over all batches.
        asked_hosts, cached_hosts: requests sent, and answers found in the cache, by host, of the
            first hosts.
        shared: seconds of wall time by what requests waited for (network, limits, cache), each
            moment shared out among all of them.
        overrides: requests whose own cache policy differs from the source's, by kind and policy
            ("metadata immutable").
    """

    requests: int = 0
    cache_hits: int = 0
    revalidated: int = 0
    retries: int = 0
    bytes: int = 0
    waited: float = 0.0
    throttled: int = 0
    denied: int = 0
    hosts_given_up: int = 0
    waits: dict[str, float] = field(default_factory=dict)
    given_up: tuple[str, ...] = ()
    stale: int = 0
    overrides: dict[str, int] = field(default_factory=dict)
    network: float = 0.0
    looking_up: float = 0.0
    asked_hosts: dict[str, int] = field(default_factory=dict)
    cached_hosts: dict[str, int] = field(default_factory=dict)
    shared: dict[str, float] = field(default_factory=dict)
    carried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one source for one target; `meta.runs` shows it.

    Attributes:
        version: the manifest version that the run published; None if it published none.
        tables: row counts by qualified table name ("nft.nfts").
        failures: reason to number of failed items.
        tallies: further numbers that the source counts, by what they count.
        files: published files, relative to the data folder.
        items, total_items: items completed, and in all as the upstream says.
        pages: answers that led to further requests.
        attempts: how often it was begun or continued.
        resumable: stopped, and the next ingest of the same goes on where it stood.
        unchanged: every table says what the version before it says, so none was published.
        timings: seconds of wall time by stage (STAGES, which add up to the whole) and by what the
            fetching went into (PARTS, which add up to that); over all attempts.
    """

    run_id: str
    domain: str
    target: str
    source: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    version: int | None = None
    tables: dict[str, RowCounts] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    statistics: FetchStatistics = field(default_factory=FetchStatistics)
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    items: int = 0
    total_items: int | None = None
    pages: int = 0
    attempts: int = 1
    resumable: bool = False
    unchanged: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    tallies: dict[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the first start of a finished run to its end; 0 while it goes on."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0

    @property
    def worked(self) -> float:
        """Seconds that its attempts took, the breaks between them left out; as far as is known."""
        return sum(self.timings.get(stage, 0.0) for stage in STAGES)

    @property
    def rate(self) -> float:
        """Items a second while it fetched."""
        took = self.timings.get("fetching", 0.0)
        return self.items / took if took > 0 else 0.0

    def total(self, column: str) -> int:
        """A column of the row counts over all tables."""
        return sum(getattr(counts, column) for counts in self.tables.values())


def run_to_json(run: Run) -> dict[str, Any]:
    """The run as JSON values."""
    value = asdict(run)
    value["state"] = run.state.value
    for name in ("started_at", "finished_at"):
        moment: datetime | None = value[name]
        value[name] = moment.isoformat() if moment else None
    return value


def run_from_json(value: dict[str, Any]) -> Run:
    """The run that `run_to_json` wrote; unknown members are passed over."""
    known = {each.name for each in fields(Run)}
    found = {name: value[name] for name in value if name in known}
    found["state"] = RunState(found["state"])
    found["started_at"] = datetime.fromisoformat(found["started_at"])
    if found.get("finished_at"):
        found["finished_at"] = datetime.fromisoformat(found["finished_at"])
    found["tables"] = {name: RowCounts(**counts) for name, counts in found["tables"].items()}
    found["statistics"] = _statistics(found.get("statistics", {}))
    found["files"] = tuple(found.get("files", ()))
    found["notes"] = tuple(found.get("notes", ()))
    return Run(**found)


def _statistics(value: dict[str, Any]) -> FetchStatistics:
    known = {each.name for each in fields(FetchStatistics)}
    found = {name: value[name] for name in value if name in known}
    found["given_up"] = tuple(found.get("given_up", ()))
    return FetchStatistics(**found)


def added_up(first: FetchStatistics, second: FetchStatistics) -> FetchStatistics:
    """The statistics of two attempts together."""
    sums: dict[str, Any] = {}
    for each in fields(FetchStatistics):
        one, other = getattr(first, each.name), getattr(second, each.name)
        if isinstance(one, dict):
            sums[each.name] = {k: one.get(k, 0) + other.get(k, 0) for k in (*one, *other)}
        elif isinstance(one, tuple):
            sums[each.name] = tuple(dict.fromkeys((*one, *other)))
        else:
            sums[each.name] = one + other
    return FetchStatistics(**sums)


def finished(run: Run, state: RunState, at: datetime, error: str | None = None) -> Run:
    """The run in its last state."""
    return replace(run, state=state, finished_at=at, error=error)
