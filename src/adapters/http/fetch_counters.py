"""What the layers of one run count together."""

from dataclasses import dataclass

from domain.runs import FetchStatistics


@dataclass(slots=True)
class FetchCounters:
    """Counts of one run; changed by the event loop's thread only."""

    requests: int = 0
    cache_hits: int = 0
    revalidated: int = 0
    retries: int = 0
    bytes: int = 0
    waited: float = 0.0

    def snapshot(self) -> FetchStatistics:
        """The counts now."""
        return FetchStatistics(
            requests=self.requests,
            cache_hits=self.cache_hits,
            revalidated=self.revalidated,
            retries=self.retries,
            bytes=self.bytes,
            waited=self.waited,
        )
