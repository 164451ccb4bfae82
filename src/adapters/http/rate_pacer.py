"""Spaces requests so that stated limits hold."""

from collections import deque
from collections.abc import Iterable

from domain.rate_limits import RateLimit


class RatePacer:
    """A sliding window for each limit: bursts are free until a window is full.

    Exact: no window of `seconds` ever sees more than `count` requests. Holds at most `count`
    moments for each limit.
    """

    def __init__(self, limits: Iterable[RateLimit]) -> None:
        self._windows = [(limit, deque[float]()) for limit in limits]

    def delay(self, now: float) -> float:
        """Seconds until the next request may go; 0 when it may go now."""
        delay = 0.0
        for limit, sent in self._windows:
            while sent and sent[0] + limit.seconds <= now:
                sent.popleft()
            if len(sent) >= limit.count:
                delay = max(delay, sent[-limit.count] + limit.seconds - now)
        return delay

    def record(self, now: float) -> None:
        """A request goes out."""
        for _, sent in self._windows:
            sent.append(now)
