import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.fetch_counters import FetchCounters
from adapters.http.retrying_wire import RetryingWire
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import (
    HostileError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UpstreamDownError,
)
from domain.requests import Request, Trust
from domain.retry_budget import FAILURE_COST
from domain.retrying import Backoff
from tests.contracts.wire_contract import SOURCE_URL, WireContract
from tests.fakes.fake_wire import FakeWire, answer_or_error, wire_response


def ask(wire: FakeWire, trust: Trust = Trust.SOURCE, counters: FetchCounters | None = None) -> int:
    retrying = RetryingWire(wire=wire, counters=counters or FetchCounters())
    request = WireRequest(Request(kind="x", url="", trust=trust), SOURCE_URL)
    return asyncio.run(retrying.send(request)).status


class TestRetryingWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        wire = FakeWire(answer_or_error(status, body, headers))
        return await RetryingWire(wire=wire, counters=FetchCounters()).send(request)


def test_f056_three_attempts_and_the_last_error() -> None:
    """An item that fails for ever costs three requests."""
    wire = FakeWire(RetryableError("one"), RetryableError("two"), RetryableError("three"))
    counters = FetchCounters()
    with pytest.raises(RetryableError, match="three"):
        ask(wire, counters=counters)
    assert (len(wire.sent), counters.retries) == (3, 2)


def test_an_answer_ends_the_attempts() -> None:
    """One failure, one answer, two requests."""
    wire = FakeWire(RetryableError("cut"), wire_response(200))
    counters = FetchCounters()
    assert ask(wire, counters=counters) == 200
    assert (len(wire.sent), counters.retries) == (2, 1)


@pytest.mark.parametrize("error", [PermanentError("no"), HostileError("never")])
def test_what_will_not_get_better_is_not_repeated(error: Exception) -> None:
    """One request."""
    wire = FakeWire(error)
    with pytest.raises(type(error)):
        ask(wire)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("trust", "asked_for", "attempts"),
    [
        (Trust.SOURCE, 120.0, 3),
        (Trust.SOURCE, 121.0, 1),
        (Trust.UNTRUSTED, 30.0, 3),
        (Trust.UNTRUSTED, 31.0, 1),
    ],
)
def test_f053_a_wait_beyond_the_clamp_gives_up_at_once(
    trust: Trust, asked_for: float, attempts: int
) -> None:
    """The error says how long the upstream wanted; nobody sleeps that long."""
    wire = FakeWire(ThrottledError("slower", retry_after=asked_for))
    with pytest.raises(ThrottledError) as caught:
        ask(wire, trust)
    assert caught.value.retry_after == asked_for
    assert len(wire.sent) == attempts


def test_being_told_to_wait_does_not_use_up_the_attempts_for_failures() -> None:
    """A throttled request may wait several times; a failing one still gets three attempts."""
    policy = RetryPolicy(Backoff(), attempts=3, throttled_attempts=6)
    hook = BackoffHook(policy, lambda: 0.0)
    throttled = [hook(ThrottledError("slower", retry_after=2.0)) for _ in range(5)]
    assert all(wait is not False and wait >= 2.0 for wait in throttled)
    assert hook(RetryableError("cut")) is not False
    assert hook(RetryableError("cut")) is not False
    assert hook(RetryableError("cut")) is False
    assert hook(ThrottledError("slower")) is False


def test_the_first_attempt_does_without_stamina(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its loop is entered after a failure, and makes as many attempts as ever."""
    loops: list[int] = []

    def counted(*args: Any, **options: Any) -> Any:
        loops.append(options["attempts"])
        return stamina_retry_context(*args, **options)

    stamina_retry_context = stamina.retry_context
    monkeypatch.setattr("stamina.retry_context", counted)
    assert ask(FakeWire(wire_response())) == 200
    assert loops == []
    wire = FakeWire(RetryableError("cut"))
    with pytest.raises(RetryableError):
        ask(wire)
    assert loops == [8]
    assert len(wire.sent) == 3


def test_a_request_that_is_to_be_repeated_counts_as_one_that_waits() -> None:
    """Meanwhile another one may be in flight."""
    counters, seen = FetchCounters(), list[int]()

    def answer(_: WireRequest) -> WireResponse | Exception:
        seen.append(counters.waiting)
        return RetryableError("cut") if len(seen) == 1 else wire_response(200)

    assert ask(FakeWire(script=answer), counters=counters) == 200
    assert (seen, counters.waiting) == ([0, 1], 0)


def test_a_given_up_host_is_not_asked_again() -> None:
    """The layer below has said so; nobody waits to hear it twice."""
    wire = FakeWire(UpstreamDownError("a.test is given up"))
    with pytest.raises(UpstreamDownError):
        ask(wire)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("method", "repeatable", "attempts"),
    [
        ("GET", None, 3),
        ("HEAD", None, 3),
        ("PUT", None, 3),
        ("DELETE", None, 3),
        ("POST", None, 1),
        ("PATCH", None, 1),
        ("POST", True, 3),
        ("GET", False, 1),
    ],
)
@pytest.mark.parametrize("error", [RetryableError("cut"), ThrottledError("slower", status=429)])
def test_f067_only_what_may_be_repeated_is_repeated(
    error: RetryableError, method: str, repeatable: bool | None, attempts: int
) -> None:
    """Methods as RFC 9110 section 9.2.2 has them, unless the source says otherwise."""
    wire = FakeWire(error)
    request = Request(kind="x", url="", method=method, repeatable=repeatable)
    policies = {Trust.SOURCE: RetryPolicy(Backoff())}
    retrying = RetryingWire(wire=wire, counters=FetchCounters(), policies=policies)
    with pytest.raises(type(error)):
        asyncio.run(retrying.send(WireRequest(request, SOURCE_URL)))
    assert len(wire.sent) == attempts


class Storm:
    """Many items through one retrying wire."""

    def __init__(self, script: Callable[[WireRequest], WireResponse | Exception]) -> None:
        self.wire = FakeWire(script=script)
        self.counters = FetchCounters()
        self.retrying = RetryingWire(wire=self.wire, counters=self.counters)
        self.errors: list[RetryableError] = []

    def ask(self, items: int, host: str = "a.test") -> float:
        """Requests sent for each item."""

        async def run() -> None:
            for number in range(items):
                url = f"https://{host}/{number}"
                request = Request(kind="x", url=url, trust=Trust.UNTRUSTED)
                try:
                    await self.retrying.send(WireRequest(request, url))
                except RetryableError as error:
                    self.errors.append(error)

        before = len(self.wire.sent)
        asyncio.run(run())
        return (len(self.wire.sent) - before) / items


def test_f055_a_dying_upstream_sees_few_requests_twice() -> None:
    """A storm of 503 over 2,000 items; what is not repeated says so, with its status."""
    storm = Storm(lambda _: RetryableError("no (status 503)", status=503))
    assert storm.ask(2000) <= 1.10
    assert str(storm.errors[-1]) == (
        "no (status 503); not repeated, too many requests to this host fail"
    )
    assert storm.errors[-1].status == 503
    assert storm.counters.snapshot().denied >= 1900
    assert storm.counters.retries == len(storm.wire.sent) - 2000


def test_f055_the_budget_of_one_host_is_not_another_s() -> None:
    """A healthy host beside it is repeated as ever."""
    storm = Storm(lambda _: RetryableError("no"))
    storm.ask(100)
    assert storm.ask(1, "b.test") == 3


def test_f055_answers_earn_repetitions() -> None:
    """After an outage the budget fills again, one answer at a time."""
    failing = [True]
    storm = Storm(lambda _: RetryableError("no") if failing[0] else wire_response())
    storm.ask(100)
    failing[0] = False
    storm.ask(FAILURE_COST)
    failing[0] = True
    assert storm.ask(1) == 2
    failing[0] = False
    storm.ask(1000)
    assert storm.retrying._budgets._budgets == {}


@settings(deadline=None, max_examples=10)
@given(fails=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_f055_however_it_fails_at_most_a_tenth_is_repeated(fails: list[float], seed: int) -> None:
    """Random failures, in phases, over 1,000 items."""
    chance = random.Random(seed)
    storm = Storm(
        lambda request: (
            RetryableError("no")
            if chance.random() < fails[int(request.url.rpartition("/")[2]) * len(fails) // 1000]
            else wire_response()
        )
    )
    assert storm.ask(1000) <= 1.10


def test_f051_what_the_upstream_asked_for_costs_nothing() -> None:
    """429 with a Retry-After a hundred times over, and the budget is as full as before."""
    storm = Storm(lambda _: ThrottledError("slower", status=429, retry_after=1.0))
    assert storm.ask(100) == 3
    assert storm.retrying._budgets._budgets == {}


def test_f054_what_it_did_not_say_when_costs_little() -> None:
    """429 without a word: a hundred repetitions, then none."""
    storm = Storm(lambda _: ThrottledError("slower", status=429))
    storm.ask(1000)
    assert storm.counters.retries == 100
    assert isinstance(storm.errors[-1], ThrottledError)


def test_f062_what_is_not_what_was_asked_for_is_asked_for_once_more() -> None:
    """Two attempts, not three; a failure after it is one as ever."""
    empty = RetryableError("the answer is empty (200)", status=200)
    wire = FakeWire(empty)
    with pytest.raises(RetryableError, match="empty"):
        ask(wire)
    assert len(wire.sent) == 2
    wire = FakeWire(empty, wire_response())
    assert ask(wire) == 200
    wire = FakeWire(empty, RetryableError("cut"))
    with pytest.raises(RetryableError, match="cut"):
        ask(wire)
    assert len(wire.sent) == 3


def test_budgets_of_many_hosts_are_bounded() -> None:
    """36,600 hosts that fail once do not take the memory of 36,600 budgets."""
    storm = Storm(lambda _: RetryableError("no"))
    for number in range(5000):
        storm.retrying._budgets.purse(f"https://h{number}.test/")(FAILURE_COST)
    assert len(storm.retrying._budgets._budgets) <= 4096


def test_f066_twenty_that_failed_together_come_back_spread() -> None:
    """Seeded chance, second wait: over at least 80 % of the window."""
    chance = random.Random(66)
    waits = []
    for _ in range(20):
        hook = BackoffHook(RetryPolicy(Backoff(base=1.0)), chance.random)
        hook(RetryableError("cut"))
        waits.append(float(hook(RetryableError("cut"))))
    assert max(waits) - min(waits) >= 0.8 * 2.0
    assert max(waits) <= 2.0


def test_f066_waits_grow_with_full_jitter() -> None:
    """Between the shortest wait and the doubling ceiling, wherever chance falls."""
    early = BackoffHook(RetryPolicy(Backoff(base=1.0)), lambda: 0.0)
    late = BackoffHook(RetryPolicy(Backoff(base=1.0)), lambda: 1.0)
    error = RetryableError("cut")
    assert [early(error), early(error)] == [pytest.approx(0.05), pytest.approx(0.05)]
    assert [late(error), late(error)] == [pytest.approx(1.0), pytest.approx(2.0)]


def test_stamina_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of tests the wait is the upstream's, plus jitter, and no more."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    stamina.set_testing(False)
    monkeypatch.setattr("stamina._core._smart_sleep", sleep)
    wire = FakeWire(ThrottledError("slower", retry_after=7.0), wire_response(200))
    policies = {Trust.SOURCE: RetryPolicy(Backoff())}
    retrying = RetryingWire(
        wire=wire, counters=FetchCounters(), policies=policies, chance=lambda: 0.0
    )
    asyncio.run(retrying.send(WireRequest(Request(kind="x", url=""), SOURCE_URL)))
    assert slept == [pytest.approx(7.05)]
