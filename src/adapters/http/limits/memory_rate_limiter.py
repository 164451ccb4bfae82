"""Stated limits, counted in this process."""

from collections.abc import Sequence

from pyrate_limiter import InMemoryBucket, RateItem

from adapters.http.limits.bucket_rates import bucket_rates, seconds_left
from adapters.http.limits.rate_limiter import RateLimiter
from application.ports.clock import Clock
from domain.rate_limits import RateLimit


class MemoryRateLimiter(RateLimiter):
    """pyrate-limiter's sliding window log on our own clock.

    Exact: no window ever sees more than its limit. Bursts are free until a window is full. Only
    the bucket is used; waiting is the lane's own, since a wait may end early by what answers say.
    """

    def __init__(self, limits: Sequence[RateLimit], clock: Clock) -> None:
        rates = bucket_rates(limits)
        self._bucket = InMemoryBucket(rates)
        self._clock = clock
        self._heaviest = rates[0].limit
        self._most_kept = 2 * rates[-1].limit

    async def admit(self, weight: int) -> float:
        """Never suspends."""
        now = int(self._clock.monotonic() * 1000)
        if self._bucket.count() > self._most_kept:
            self._bucket.leak(now)
        item = RateItem("", now, min(weight, self._heaviest))
        self._bucket.put(item)
        return seconds_left(self._bucket, item)
