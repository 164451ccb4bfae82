"""Stated limits, counted in this process."""

from collections.abc import Sequence
from typing import Any

from adapters.http.limits.rate_limiter import RateLimiter
from application.ports.clock import Clock
from domain.rate_limits import RateLimit, binding_limits


class MemoryRateLimiter(RateLimiter):
    """pyrate-limiter's sliding window log on our own clock.

    Exact: no window ever sees more than its limit. Bursts are free until a window is full. Only
    the bucket is used; waiting is the lane's own, since a wait may end early by what answers say.
    What the narrowest limit allows in all fits every window, so the bucket is made after that.
    """

    def __init__(self, limits: Sequence[RateLimit], clock: Clock) -> None:
        binding = binding_limits(limits)
        self._limits = limits
        self._clock = clock
        self._heaviest = binding[0].count
        self._most_kept = 2 * binding[-1].count
        self._room = self._heaviest
        self._early: list[tuple[int, int]] = []
        self._bucket: Any = None

    async def admit(self, weight: int) -> float:
        """Never suspends."""
        now = int(self._clock.monotonic() * 1000)
        weight = min(weight, self._heaviest)
        if self._bucket is None:
            if weight <= self._room:
                self._room -= weight
                self._early.append((now, weight))
                return 0.0
            self._bucket = self._filled()
        from adapters.http.limits.bucket_rates import put  # noqa: PLC0415 - see `_filled`

        if self._bucket.count() > self._most_kept:
            self._bucket.leak(now)
        return put(self._bucket, now, weight)

    def _filled(self) -> Any:
        """A bucket of what was admitted so far."""
        # pyrate-limiter takes 15 ms to import, which a run of few requests does without
        from adapters.http.limits.bucket_rates import memory_bucket, put  # noqa: PLC0415

        bucket = memory_bucket(self._limits)
        for now, weight in self._early:
            put(bucket, now, weight)
        self._early.clear()
        return bucket
