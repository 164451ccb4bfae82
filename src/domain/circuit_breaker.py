"""When to leave a failing host alone: a circuit breaker as a value over a clock.

After M. Nygard, "Release It!", chapter "Stability Patterns".
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

STRIKES = 10
"""Weight of a failure that speaks against the host as a whole."""


class Circuit(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"  # everything
    OPEN = "open"  # nothing, until its pause is over
    HALF_OPEN = "half open"  # one probe
    GIVEN_UP = "given up"  # nothing any more


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens, and for how long.

    Attributes:
        strikes: sum of the weights of failures in a row that opens it (5 whole ones).
        first_pause, longest_pause: seconds; each opening doubles the pause.
        openings: openings after which the host is given up, unless it has recovered.
        recovery: answers after an opening that make it forgotten, and those before it.
    """

    strikes: int = 5 * STRIKES
    first_pause: float = 2.0
    longest_pause: float = 60.0
    openings: int = 4
    recovery: int = 20


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """The state of one host's breaker; every event makes a new value.

    Attributes:
        strikes: of failures in a row.
        openings: since the last recovery.
        answers: since the last opening.
        until: the clock's seconds at which a pause ends.
    """

    policy: BreakerPolicy = field(default_factory=BreakerPolicy)
    circuit: Circuit = Circuit.CLOSED
    strikes: int = 0
    openings: int = 0
    answers: int = 0
    until: float = 0.0

    @property
    def untroubled(self) -> bool:
        """Nothing speaks against the host."""
        return self.circuit is Circuit.CLOSED and self.strikes == 0 and self.openings == 0

    def delay(self, now: float) -> float:
        """Seconds until a probe may go; 0 when the circuit is not open."""
        return max(0.0, self.until - now) if self.circuit is Circuit.OPEN else 0.0

    def probing(self) -> "CircuitBreaker":
        """The pause is over and one request goes."""
        return replace(self, circuit=Circuit.HALF_OPEN)

    def abandoned(self) -> "CircuitBreaker":
        """The probe ended without saying anything about the host; another may go."""
        return replace(self, circuit=Circuit.OPEN) if self.circuit is Circuit.HALF_OPEN else self

    def answered(self) -> "CircuitBreaker":
        """The host answered, whatever it said."""
        if self.untroubled or self.circuit is Circuit.GIVEN_UP:
            return self
        answers = self.answers + 1
        if answers >= self.policy.recovery:
            return CircuitBreaker(self.policy)
        return CircuitBreaker(self.policy, openings=self.openings, answers=answers)

    def failed(self, now: float, strikes: int = STRIKES) -> "CircuitBreaker":
        """A request failed; unless the circuit is closed this says nothing new."""
        if self.circuit is not Circuit.CLOSED:
            return self
        total = self.strikes + strikes
        if total < self.policy.strikes:
            return replace(self, strikes=total)
        return self._opened(now)

    def probe_failed(self, now: float) -> "CircuitBreaker":
        """The probe failed too."""
        return self._opened(now) if self.circuit is Circuit.HALF_OPEN else self

    def _opened(self, now: float) -> "CircuitBreaker":
        openings = self.openings + 1
        if openings >= self.policy.openings:
            return CircuitBreaker(self.policy, Circuit.GIVEN_UP, openings=openings)
        pause = self.policy.first_pause * 2.0 ** min(openings - 1, 32)
        until = now + min(self.policy.longest_pause, pause)
        return CircuitBreaker(self.policy, Circuit.OPEN, openings=openings, until=until)

    def given_up(self) -> "CircuitBreaker":
        """The host is not to be asked again."""
        return CircuitBreaker(self.policy, Circuit.GIVEN_UP, openings=self.openings)
