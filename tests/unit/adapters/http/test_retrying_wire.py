import asyncio

import pytest
import stamina

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.fetch_counters import FetchCounters
from adapters.http.retrying_wire import RetryingWire
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import HostileError, PermanentError, RetryableError, ThrottledError
from domain.requests import Request, Trust
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
