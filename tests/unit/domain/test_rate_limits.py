import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rate_limits import RateLimit, binding_limits, least_seconds, parse_rate_limit

LIMITS = st.builds(RateLimit, st.integers(1, 50), st.floats(0.5, 90.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600/h", RateLimit(600, 3600.0)),
        ("60/m", RateLimit(60, 60.0)),
        ("10/15m", RateLimit(10, 900.0)),
        (" 5 / s ", RateLimit(5, 1.0)),
        ("1/d", RateLimit(1, 86400.0)),
        ("0/s", None),
        ("5/0m", None),
        ("5/w", None),
        ("many", None),
        ("", None),
        ("-5/s", None),
    ],
)
def test_stated_limits_are_read(text: str, expected: RateLimit | None) -> None:
    """The forms that upstreams use; anything else is no limit."""
    assert parse_rate_limit(text) == expected


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30))
def test_any_text_is_a_limit_or_nothing(text: str) -> None:
    """Hostile words never raise, and a limit always allows something."""
    limit = parse_rate_limit(text)
    assert limit is None or (limit.count > 0 and limit.seconds > 0)


@pytest.mark.parametrize(
    ("limits", "binding"),
    [
        ([(600, 60), (5000, 3600), (10_000, 86_400)], [(600, 60), (5000, 3600), (10_000, 86_400)]),
        ([(10, 1), (5, 60)], [(5, 60)]),
        ([(1, 1), (100, 60)], [(1, 1)]),
        ([(2, 5), (3, 6)], [(2, 6)]),
        ([(5, 60), (7, 60)], [(5, 60)]),
        ([(3, 2), (5, 3)], [(3, 2), (4, 3)]),
        ([], []),
    ],
)
def test_what_another_limit_implies_is_left_out(
    limits: list[tuple[int, float]], binding: list[tuple[int, float]]
) -> None:
    """What is left never allows more than what was stated."""
    assert binding_limits(RateLimit(*each) for each in limits) == [
        RateLimit(*each) for each in binding
    ]


@settings(deadline=None, max_examples=200)
@given(st.lists(LIMITS, min_size=1, max_size=5))
def test_binding_limits_imply_every_stated_one(limits: list[RateLimit]) -> None:
    """No window ever holds more than its limit, and a bucket takes the list as it is."""
    bound = binding_limits(limits)
    for limit in limits:
        assert limit.count >= min(
            math.ceil(limit.seconds / each.seconds) * each.count for each in bound
        )
    for shorter, longer in itertools.pairwise(bound):
        assert shorter.seconds < longer.seconds
        assert shorter.count < longer.count
        assert longer.count / longer.seconds <= shorter.count / shorter.seconds + 1e-9


@pytest.mark.parametrize(
    ("weight", "limits", "seconds"),
    [
        (0, [RateLimit(6000, 60.0)], 0.0),
        (6000, [RateLimit(6000, 60.0)], 0.0),
        (6001, [RateLimit(6000, 60.0)], 60.0),
        (20_000, [RateLimit(6000, 60.0)], 180.0),
        (20_000, [RateLimit(6000, 60.0), RateLimit(5000, 3600.0)], 10_800.0),
        (20_000, [], 0.0),
    ],
)
def test_the_least_time_of_requests(weight: int, limits: list[RateLimit], seconds: float) -> None:
    """A full window is free at once; each further one has to wait for the one before."""
    assert least_seconds(weight, limits) == seconds
