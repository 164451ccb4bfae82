"""How often a failing store is asked."""

import pytest
from structlog.testing import capture_logs

from adapters.cache.store_breaker import StoreBreaker
from tests.fakes.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> StoreBreaker:
    return StoreBreaker("a store", clock)


def fail(breaker: StoreBreaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(TimeoutError())


def test_f095_three_failures_in_a_row_switch_it_off(breaker: StoreBreaker) -> None:
    """Two are chance, three are an outage; a success in between starts the count anew."""
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.allows()
    fail(breaker, 1)

    assert not breaker.allows()


def test_one_caller_tries_after_the_pause(breaker: StoreBreaker, clock: FakeClock) -> None:
    """The others go on without the store until that one has an answer."""
    fail(breaker, 3)
    clock.advance(30)

    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.allows()


def test_pauses_grow_to_ten_minutes(breaker: StoreBreaker, clock: FakeClock) -> None:
    """A store that stays away for 2 hours is tried about 15 times, not 240."""
    fail(breaker, 3)
    tries = 0
    for _ in range(7200):
        clock.advance(1)
        if breaker.allows():
            tries += 1
            fail(breaker, 1)

    assert 10 <= tries <= 16


def test_stragglers_do_not_lengthen_the_pause(breaker: StoreBreaker, clock: FakeClock) -> None:
    """Calls that were under way when it switched off count as the same outage."""
    fail(breaker, 60)
    clock.advance(30)

    assert breaker.allows()


def test_a_cancelled_try_leaves_room_for_the_next(breaker: StoreBreaker, clock: FakeClock) -> None:
    """When the trying caller gives up, another one may try."""
    fail(breaker, 3)
    clock.advance(30)
    assert breaker.allows()
    breaker.abandoned()

    assert breaker.allows()


def test_an_outage_is_one_warning(breaker: StoreBreaker, clock: FakeClock) -> None:
    """One warning at its start, one line at its end, and a new warning for the next one."""
    with capture_logs() as logs:
        fail(breaker, 5)
        clock.advance(30)
        breaker.allows()
        breaker.succeeded()
        fail(breaker, 1)

    shown = [each["event"] for each in logs if each["log_level"] != "debug"]
    assert shown == ["cache.store_failed", "cache.store_recovered", "cache.store_failed"]
