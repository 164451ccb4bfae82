"""How many more requests a fetcher should begin."""

from adapters.http.fetch_counters import FetchCounters


class WorkerRoom:
    """Counts the workers of all batches of one fetcher; those that wait for a host do not count.

    Args:
        concurrency: most requests in flight.
        counters: know how many requests wait for their turn.

    Attributes:
        workers: that have been begun and have not ended.
    """

    def __init__(self, concurrency: int, counters: FetchCounters) -> None:
        self._concurrency = concurrency
        self._counters = counters
        self.workers = 0

    @property
    def free(self) -> int:
        """How many more could have a request in flight."""
        return max(0, self._concurrency - self.workers + self._counters.waiting)
