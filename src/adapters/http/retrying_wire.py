"""Repeats what is worth repeating."""

import random
from collections.abc import Callable, Mapping

import stamina

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.fetch_counters import FetchCounters
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.requests import Trust
from domain.retrying import Backoff

POLICIES: Mapping[Trust, RetryPolicy] = {
    Trust.SOURCE: RetryPolicy(Backoff(patience=120.0), throttled_attempts=6),
    Trust.UNTRUSTED: RetryPolicy(Backoff(patience=30.0)),
}


class RetryingWire(Wire):
    """Sends again after a RetryableError, with exponential backoff and full jitter.

    The error of the last attempt is raised; so is one whose `retry_after` asks for more patience
    than the policy has.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        counters: FetchCounters,
        policies: Mapping[Trust, RetryPolicy] = POLICIES,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._wire = wire
        self._counters = counters
        self._policies = policies
        self._chance = chance

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer of the first attempt that has one."""
        policy = self._policies[request.request.trust]
        hook = BackoffHook(policy, self._chance)
        async for attempt in stamina.retry_context(
            on=hook, attempts=policy.most_attempts, timeout=None
        ):
            with attempt:
                if attempt.num > 1:
                    self._counters.retries += 1
                return await self._wire.send(request)
        raise AssertionError  # stamina ends with an answer or an error
