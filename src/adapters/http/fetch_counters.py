"""What the layers of one run count together."""

from dataclasses import dataclass, field

from domain.runs import FetchStatistics
from domain.time_spent import SharedTime

_MOST_NAMES = 20


@dataclass(slots=True)
class FetchCounters:
    """Counts of one run; changed by the event loop's thread only.

    Attributes:
        waiting: requests that wait at the moment, for their host's turn or to be repeated.
    """

    waiting: int = 0
    requests: int = 0
    cache_hits: int = 0
    carried: int = 0
    revalidated: int = 0
    stale: int = 0
    retries: int = 0
    bytes: int = 0
    waited: float = 0.0
    throttled: int = 0
    denied: int = 0
    hosts_given_up: int = 0
    network: float = 0.0
    looking_up: float = 0.0
    overrides: dict[str, int] = field(default_factory=dict)
    shared: SharedTime = field(default_factory=SharedTime)
    _waits: dict[str, float] = field(default_factory=dict)
    _given_up: list[str] = field(default_factory=list)
    _asked_hosts: dict[str, int] = field(default_factory=dict)
    _cached_hosts: dict[str, int] = field(default_factory=dict)

    def asked(self, host: str, seconds: float) -> None:
        """A request to a host is over, and took so long."""
        self.network += seconds
        counts = self._asked_hosts
        if host in counts:
            counts[host] += 1
        else:
            _count(counts, host)

    def cached(self, url: str) -> None:
        """The answer of an absolute address was taken from the cache."""
        self.cached_from(self.host_of(url), 1)

    def carried_over(self, host: str, answers: int) -> None:
        """So many answers of a host were in the cache, and need not even be read."""
        self.carried += answers
        self.cached_from(host, answers)

    def cached_from(self, host: str, answers: int) -> None:
        """So many answers of a host were taken from the cache."""
        self.cache_hits += answers
        _count(self._cached_hosts, host, answers)

    @staticmethod
    def host_of(url: str) -> str:
        """The host of an absolute address, as counts name it."""
        host = url.split("/", 3)[2]
        return host if host[-1:] == "]" else host.partition(":")[0]

    def waited_for(self, host: str, seconds: float) -> None:
        """A request waited for a host's limits; of the first hosts it is known which."""
        if seconds > 0:
            self.waited += seconds
            if host in self._waits or len(self._waits) < _MOST_NAMES:
                self._waits[host] = self._waits.get(host, 0.0) + seconds

    def given_up(self, host: str) -> None:
        """A host is not asked any more; the first ones are kept by name."""
        self.hosts_given_up += 1
        if len(self._given_up) < _MOST_NAMES:
            self._given_up.append(host)

    def overridden(self, kind: str, policy: str) -> None:
        """A request has a cache policy of its own; of the first kinds it is known which."""
        name = f"{kind} {policy}"
        if name in self.overrides or len(self.overrides) < _MOST_NAMES:
            self.overrides[name] = self.overrides.get(name, 0) + 1

    def snapshot(self, now: float = 0.0) -> FetchStatistics:
        """The counts now, in monotonic seconds; by default as of the last change."""
        return FetchStatistics(
            requests=self.requests,
            cache_hits=self.cache_hits,
            carried=self.carried,
            revalidated=self.revalidated,
            stale=self.stale,
            overrides=dict(self.overrides),
            retries=self.retries,
            bytes=self.bytes,
            waited=self.waited,
            throttled=self.throttled,
            denied=self.denied,
            hosts_given_up=self.hosts_given_up,
            waits=dict(self._waits),
            given_up=tuple(self._given_up),
            network=self.network,
            looking_up=self.looking_up,
            asked_hosts=dict(self._asked_hosts),
            cached_hosts=dict(self._cached_hosts),
            shared=self.shared.seconds(now),
        )


def _count(counts: dict[str, int], name: str, more: int = 1) -> None:
    """So many more; of the first names only."""
    if name in counts:
        counts[name] += more
    elif len(counts) < _MOST_NAMES:
        counts[name] = more
