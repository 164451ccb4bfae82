"""What a run asked of each host."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.runs import FetchStatistics


@dataclass(frozen=True, slots=True)
class HostFigures:
    """One host of a run.

    Attributes:
        requests: sent to it, retries included.
        cache_hits: answers of it that the cache had.
        waited: seconds that requests waited for its limits, over all of them.
    """

    host: str
    requests: int
    cache_hits: int
    waited: float

    @property
    def cache_share(self) -> float:
        """The part of what was wanted of it that the cache had, from 0 to 1."""
        wanted = self.requests + self.cache_hits
        return self.cache_hits / wanted if wanted else 0.0


def host_figures(fetched: FetchStatistics) -> Sequence[HostFigures]:
    """Of the first hosts of a run, in the order of their first answer."""
    names = dict.fromkeys((*fetched.asked_hosts, *fetched.cached_hosts, *fetched.waits))
    return [
        HostFigures(
            name,
            fetched.asked_hosts.get(name, 0),
            fetched.cached_hosts.get(name, 0),
            fetched.waits.get(name, 0.0),
        )
        for name in names
    ]
