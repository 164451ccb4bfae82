"""Tells stamina whether to repeat, and when."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from domain.errors import RetryableError, ThrottledError, UpstreamDownError
from domain.retry_budget import FAILURE_COST, THROTTLED_COST
from domain.retrying import Backoff

_log = structlog.get_logger()
_THROTTLED_BASE = 1.0
_SUCCESS = range(200, 300)
_ONCE_MORE = 2


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently to repeat.

    Attributes:
        attempts: in all, for what failed.
        throttled_attempts: in all, for what was told to come back later.
    """

    backoff: Backoff
    attempts: int = 3
    throttled_attempts: int = 3

    @property
    def most_attempts(self) -> int:
        """Of one request, however it fails."""
        return self.attempts + self.throttled_attempts - 1


class BackoffHook:
    """Judges the failures of one request, one after another.

    stamina takes the seconds that a hook returns as they are, without a ceiling of its own;
    `Backoff` sets it. An answer of success that was not what was asked for is asked for once more:
    it rarely gets better. What the upstream asked to have repeated at a time that it named costs
    nothing; all other repetitions must be affordable.

    Args:
        policy: how often and how patiently.
        chance: an even random number from 0 to 1.
        afford: pays a cost from the upstream's budget, if it reaches; as a rule it does.

    Attributes:
        denied: the budget did not reach.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        chance: Callable[[], float],
        afford: Callable[[int], bool] = bool,
    ) -> None:
        self._policy = policy
        self._chance = chance
        self._afford = afford
        self._failed = 0
        self._throttled = 0
        self.denied = False

    def __call__(self, error: Exception) -> bool | float:
        """Seconds to wait before the next attempt; False to give up."""
        if not isinstance(error, RetryableError) or isinstance(error, UpstreamDownError):
            return False
        backoff = self._policy.backoff
        if isinstance(error, ThrottledError):
            self._throttled += 1
            backoff = replace(backoff, base=max(backoff.base, _THROTTLED_BASE))
            last = self._throttled >= self._policy.throttled_attempts
            cost = THROTTLED_COST if error.retry_after is None else 0
        else:
            self._failed += 1
            whole = error.status in _SUCCESS  # an answer came, but not what was asked for
            last = self._failed >= (_ONCE_MORE if whole else self._policy.attempts)
            cost = FAILURE_COST
        failures = self._failed + self._throttled
        wait = None if last else backoff.wait(failures, error.retry_after, self._chance())
        if wait is None:
            return False
        if cost and not self._afford(cost):
            self.denied = True
            return False
        _log.debug("http.retry_scheduled", url=error.url, reason=error.reason, wait=round(wait, 3))
        return wait
