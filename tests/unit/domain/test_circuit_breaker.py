from hypothesis import given, settings
from hypothesis import strategies as st

from domain.circuit_breaker import BreakerPolicy, Circuit, CircuitBreaker


def failed(breaker: CircuitBreaker, times: int, now: float = 0.0) -> CircuitBreaker:
    for _ in range(times):
        breaker = breaker.failed(now)
    return breaker


def test_f001_five_failures_in_a_row_open_it() -> None:
    """Four do not, and an answer in between begins anew."""
    assert failed(CircuitBreaker(), 4).circuit is Circuit.CLOSED
    assert failed(CircuitBreaker(), 5).circuit is Circuit.OPEN
    assert failed(failed(CircuitBreaker(), 4).answered(), 4).circuit is Circuit.CLOSED


def test_lighter_failures_open_it_later() -> None:
    """Fifty answers of status 500 weigh as much as five broken connections."""
    breaker = CircuitBreaker()
    for _ in range(49):
        breaker = breaker.failed(0.0, strikes=1)
    assert breaker.circuit is Circuit.CLOSED
    assert breaker.failed(0.0, strikes=1).circuit is Circuit.OPEN


def test_probes_come_ever_less_often_and_the_host_is_given_up_in_the_end() -> None:
    """Pauses of 2, 4 and 8 seconds; the third failed probe is the last."""
    breaker = failed(CircuitBreaker(), 5, now=100.0)
    pauses = []
    now = 100.0
    while breaker.circuit is Circuit.OPEN:
        pauses.append(breaker.delay(now))
        now += breaker.delay(now)
        assert breaker.delay(now) == 0.0
        breaker = breaker.probing().probe_failed(now)
    assert pauses == [2.0, 4.0, 8.0]
    assert breaker.circuit is Circuit.GIVEN_UP
    assert breaker.answered().circuit is Circuit.GIVEN_UP


def test_an_answer_closes_it_and_many_let_it_forget() -> None:
    """A host that fails again soon is not a new one; failures in between do not matter."""
    policy = BreakerPolicy()
    breaker = failed(CircuitBreaker(policy), 5).probing().answered()
    assert (breaker.circuit, breaker.openings) == (Circuit.CLOSED, 1)
    assert not breaker.untroubled
    for _ in range(policy.recovery - 2):
        breaker = failed(breaker, 4).answered()
    assert breaker.openings == 1
    assert breaker.answered().untroubled


def test_failures_of_requests_sent_before_it_opened_say_nothing_new() -> None:
    """Eight that were under way together open it once."""
    assert failed(CircuitBreaker(), 8).openings == 1


def test_a_straggler_s_failure_is_not_the_probe_s() -> None:
    """What was sent before it opened may fail while the probe is under way."""
    breaker = failed(CircuitBreaker(), 5).probing()
    assert breaker.failed(1.0) == breaker
    assert breaker.probe_failed(1.0).openings == 2
    assert breaker.answered().probe_failed(1.0).circuit is Circuit.CLOSED


def test_a_probe_that_says_nothing_makes_room_for_another() -> None:
    """The pause is over all the same."""
    breaker = failed(CircuitBreaker(), 5, now=0.0).probing().abandoned()
    assert breaker.circuit is Circuit.OPEN
    assert breaker.delay(2.0) == 0.0


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("fgasp"), st.floats(0, 5)), max_size=200))
def test_its_states_follow_from_one_another(events: list[tuple[str, float]]) -> None:
    """Nothing leads out of being given up; it is open only after an opening; pauses are bounded."""
    policy = BreakerPolicy()
    breaker = CircuitBreaker(policy)
    now = 0.0
    for event, passed in events:
        now += passed
        before = breaker
        if event == "f":
            breaker = breaker.failed(now)
        elif event == "g":
            breaker = breaker.probe_failed(now)
        elif event == "s":
            breaker = breaker.answered()
        elif event == "a":
            breaker = breaker.abandoned()
        elif before.circuit is Circuit.OPEN and before.delay(now) == 0:
            breaker = breaker.probing()
        assert 0 <= breaker.openings <= policy.openings
        assert 0 <= breaker.strikes < policy.strikes
        assert 0 <= breaker.delay(now) <= policy.longest_pause
        if before.circuit is Circuit.GIVEN_UP:
            assert breaker == before
        if breaker.circuit is not Circuit.CLOSED:
            assert breaker.openings > 0
        if breaker.circuit is Circuit.GIVEN_UP:
            assert breaker.openings == policy.openings
