"""How much repeating an upstream can bear: a token bucket filled by its own answers.

After the retry quota of the AWS SDKs (docs.aws.amazon.com/sdkref, "Retry behavior"), with the
costs chosen so that a promise can be given: see `RetryBudget`.
"""

from dataclasses import dataclass

CAPACITY = 500
FAILURE_COST = 15
THROTTLED_COST = 5


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """The right to repeat requests of one upstream.

    An answer earns 1 token, a repeated request costs FAILURE_COST, or THROTTLED_COST where the
    upstream asked for fewer requests, since those are spaced by pauses as well. Of N requests at
    most (CAPACITY + N) / FAILURE_COST are thus repeated for failures: over 1,000 and more the
    upstream sees at most 1.10 attempts a request, however it fails, and 1.035 when it is dead.

    Attributes:
        tokens: from 0 to CAPACITY.
    """

    tokens: int = CAPACITY

    @property
    def full(self) -> bool:
        """As good as new."""
        return self.tokens >= CAPACITY

    def earned(self) -> "RetryBudget":
        """The budget after an answer."""
        return self if self.full else RetryBudget(self.tokens + 1)

    def charged(self, cost: int) -> "RetryBudget | None":
        """The budget after a repeated request; None when it does not reach."""
        return RetryBudget(self.tokens - cost) if self.tokens >= cost else None
