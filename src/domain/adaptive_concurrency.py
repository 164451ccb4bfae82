"""How many requests at once an upstream bears: additive increase, multiplicative decrease.

The arithmetic of TCP congestion avoidance (RFC 5681 section 3.1), slow start included.
"""

from dataclasses import dataclass

FIRST_LIMIT = 8
"""Requests in flight to an upstream that has not answered yet."""


@dataclass(frozen=True, slots=True)
class AdaptiveConcurrency:
    """A limit between 1 and `ceiling`.

    Until the upstream first throttles each answer adds one; after that a whole round of answers
    does. Being throttled halves it.

    Attributes:
        ceiling: never exceeded.
        limit: the present limit, with its fraction.
        probing: the upstream has not throttled yet.
    """

    ceiling: int
    limit: float
    probing: bool = True

    @classmethod
    def beginning(cls, ceiling: int) -> "AdaptiveConcurrency":
        """The limit before the first answer."""
        return cls(ceiling, float(max(1, min(ceiling, FIRST_LIMIT))))

    @property
    def slots(self) -> int:
        """Whole requests in flight."""
        return int(self.limit)

    def answered(self) -> "AdaptiveConcurrency":
        """After an answer."""
        if self.limit >= self.ceiling:
            return self
        step = 1.0 if self.probing else 1.0 / self.limit
        limit = min(float(self.ceiling), self.limit + step)
        return AdaptiveConcurrency(self.ceiling, limit, self.probing)

    def throttled(self) -> "AdaptiveConcurrency":
        """After a complaint."""
        return AdaptiveConcurrency(self.ceiling, max(1.0, self.limit / 2), probing=False)
