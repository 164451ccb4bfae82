"""Repeats what is worth repeating."""

import random
from collections.abc import Callable, Mapping

import stamina

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.fetch_counters import FetchCounters
from adapters.http.limits.retry_budgets import RetryBudgets
from adapters.http.origins import shown
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.doubtful_answers import doubt_about
from domain.errors import RetryableError, ThrottledError
from domain.requests import Trust
from domain.retrying import Backoff

POLICIES: Mapping[Trust, RetryPolicy] = {
    Trust.SOURCE: RetryPolicy(Backoff(patience=120.0), throttled_attempts=6),
    Trust.UNTRUSTED: RetryPolicy(Backoff(patience=30.0)),
}

_PARTIAL = 206


class RetryingWire(Wire):
    """Sends again after a RetryableError, with exponential backoff and full jitter.

    Repeated are requests that may be (`Request.may_repeat`), as long as the retry budget of
    their upstream reaches. The error of the last attempt is raised; so is one whose
    `retry_after` asks for more patience than the policy has. An answer that brings nothing is
    asked for once more.
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
            if answer.body and answer.status != _PARTIAL:
                return answer
            reason = _doubt(request, answer)
            if reason is None or not request.request.may_repeat:
                return answer
            first = RetryableError(reason, url=shown(request.url), status=answer.status)
        return await self._repeated(request, first)

    async def _repeated(self, request: WireRequest, first: RetryableError) -> WireResponse:
        """Stamina's loop, whose first attempt has been made."""
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


def _doubt(request: WireRequest, answer: WireResponse) -> str | None:
    asked = request.request
    return doubt_about(
        method=asked.method,
        accept=asked.accept,
        asks_for_range=any(
            name.lower() == "range" for name, _ in (*asked.headers, *request.headers)
        ),
        status=answer.status,
        body=answer.body,
    )


def _denied(error: RetryableError) -> RetryableError:
    kind = ThrottledError if isinstance(error, ThrottledError) else RetryableError
    reason = f"{error.reason}; not repeated, too many requests to this host fail"
    return kind(reason, url=error.url, status=error.status, retry_after=error.retry_after)
