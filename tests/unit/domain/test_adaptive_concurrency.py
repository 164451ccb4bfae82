from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adaptive_concurrency import FIRST_LIMIT, AdaptiveConcurrency


def after(concurrency: AdaptiveConcurrency, answers: int) -> AdaptiveConcurrency:
    for _ in range(answers):
        concurrency = concurrency.answered()
    return concurrency


@settings(deadline=None, max_examples=200)
@given(ceiling=st.integers(1, 200), throttled=st.lists(st.booleans(), max_size=300))
def test_the_limit_stays_between_one_and_its_ceiling(ceiling: int, throttled: list[bool]) -> None:
    """Whatever the upstream says."""
    concurrency = AdaptiveConcurrency.beginning(ceiling)
    for each in throttled:
        before = concurrency.limit
        concurrency = concurrency.throttled() if each else concurrency.answered()
        assert 1 <= concurrency.slots <= ceiling
        assert concurrency.limit <= before + 1
        assert not each or concurrency.limit == max(1.0, before / 2)


def test_f054_throttling_halves_and_answers_recover_slowly() -> None:
    """64, 32, 16; a whole round of answers adds one."""
    concurrency = AdaptiveConcurrency(64, 64.0).throttled().throttled()
    assert concurrency.slots == 16
    assert after(concurrency, 15).slots == 16
    assert after(concurrency, 17).slots == 17


def test_a_host_that_has_not_answered_yet_is_asked_a_few_times_only() -> None:
    """Each answer adds one until the ceiling is reached."""
    concurrency = AdaptiveConcurrency.beginning(64)
    assert concurrency.slots == FIRST_LIMIT
    assert after(concurrency, 10).slots == FIRST_LIMIT + 10
    assert after(concurrency, 1000).slots == 64
    assert AdaptiveConcurrency.beginning(3).slots == 3
