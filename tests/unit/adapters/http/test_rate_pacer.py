from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.rate_pacer import RatePacer
from domain.rate_limits import RateLimit


def test_a_burst_goes_at_once_and_the_next_waits_for_the_window() -> None:
    """600 an hour does not mean one every six seconds from the first on."""
    pacer = RatePacer([RateLimit(600, 3600.0)])
    for _ in range(600):
        assert pacer.delay(10.0) == 0.0
        pacer.record(10.0)
    assert pacer.delay(10.0) == 3600.0
    assert pacer.delay(3600.0) == 10.0
    assert pacer.delay(3610.0) == 0.0


def test_without_limits_nothing_waits() -> None:
    """No limit, no delay."""
    pacer = RatePacer([])
    pacer.record(1.0)
    assert pacer.delay(1.0) == 0.0


@settings(deadline=None, max_examples=100)
@given(
    limits=st.lists(
        st.builds(RateLimit, st.integers(1, 5), st.floats(0.5, 20.0)), min_size=1, max_size=3
    ),
    gaps=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=40),
)
def test_no_window_ever_holds_more_than_its_count(
    limits: list[RateLimit], gaps: list[float]
) -> None:
    """Whatever the demand, every limit holds over every window."""
    pacer = RatePacer(limits)
    now, sent = 100.0, list[float]()
    for gap in gaps:
        now += gap
        while (delay := pacer.delay(now)) > 0:
            now += delay
        pacer.record(now)
        sent.append(now)
    for limit in limits:
        for start in sent:
            window = [each for each in sent if start <= each < start + limit.seconds - 1e-6]
            assert len(window) <= limit.count
