"""Repeats what is worth repeating."""

import random
from collections.abc import Callable, Mapping

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.fetch_counters import FetchCounters
from adapters.http.limits.retry_budgets import RetryBudgets
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.errors import RetryableError, ThrottledError
from domain.requests import Trust
from domain.retrying import Backoff

POLICIES: Mapping[Trust, RetryPolicy] = {
    Trust.SOURCE: RetryPolicy(Backoff(patience=120.0), throttled_attempts=6),
    Trust.UNTRUSTED: RetryPolicy(Backoff(patience=30.0)),
}


class RetryingWire(Wire):
    """Sends again after a RetryableError, with exponential backoff and full jitter.

    Repeated are requests that may be (`Request.may_repeat`), as long as the retry budget of
    their upstream reaches. The error of the last attempt is raised; so is one whose
    `retry_after` asks for more patience than the policy has.
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
        self._budgets = RetryBudgets()

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer of the first attempt that has one."""
        try:
            answer = await self._wire.send(request)
        except RetryableError as error:
            if not request.request.may_repeat:
                raise
            first = error
        else:
            self._budgets.earn(request.url)
            return answer
        self._counters.waiting += 1
        try:
            return await self._repeated(request, first)
        finally:
            self._counters.waiting -= 1

    async def _repeated(self, request: WireRequest, first: RetryableError) -> WireResponse:
        """Stamina's loop, whose first attempt has been made."""
        from adapters.http.quiet_stamina import stamina  # noqa: PLC0415 - few runs need it

        policy = self._policies[request.request.trust]
        hook = BackoffHook(policy, self._chance, self._budgets.purse(request.url))
        try:
            async for attempt in stamina.retry_context(
                on=hook, attempts=policy.most_attempts, timeout=None
            ):
                with attempt:
                    if attempt.num == 1:
                        raise first
                    self._counters.retries += 1
                    answer = await self._wire.send(request)
                    self._budgets.earn(request.url)
                    return answer
        except RetryableError as error:
            if not hook.denied:
                raise
            self._counters.denied += 1
            raise _denied(error) from error
        raise AssertionError  # stamina ends with an answer or an error


def _denied(error: RetryableError) -> RetryableError:
    kind = ThrottledError if isinstance(error, ThrottledError) else RetryableError
    reason = f"{error.reason}; not repeated, too many requests to this host fail"
    return kind(reason, url=error.url, status=error.status, retry_after=error.retry_after)
