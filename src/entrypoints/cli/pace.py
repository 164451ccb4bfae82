"""How fast a run comes on, and when it will be done."""

from collections import deque

from application.ports.clock import Clock

_WINDOW = 30.0  # seconds that count


class Pace:
    """Rate over the last half minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._seen: deque[tuple[float, int]] = deque([(self._began, 0)])

    def begin(self, done: int) -> None:
        """So many items were done before now: by an earlier attempt, at no rate of this one."""
        self._seen = deque([(self._clock.monotonic(), done)])

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock.monotonic() - self._began

    def add(self, done: int) -> None:
        """So many items are done now."""
        now = self._clock.monotonic()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW:  # noqa: PLR2004  # a span has two ends
            self._seen.popleft()

    def rate(self) -> float:
        """Items a second; 0 while nothing is known."""
        (began, first), (_, last) = self._seen[0], self._seen[-1]
        seconds = self._clock.monotonic() - began
        return (last - first) / seconds if seconds > 0 else 0.0

    def remaining(self, done: int, total: int | None) -> float | None:
        """Seconds to go at this rate; None while nobody can know."""
        rate = self.rate()
        if total is None or rate <= 0:
            return None
        return max(0, total - done) / rate
