import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.retry_budget import CAPACITY, FAILURE_COST, THROTTLED_COST, RetryBudget

EVENTS = st.lists(st.sampled_from([0, FAILURE_COST, THROTTLED_COST]), max_size=400)


def attempts_for(items: int, fails: list[float], seed: int) -> int:
    """Requests sent for so many items; each phase has its own share of failures."""
    chance = random.Random(seed)
    budget = RetryBudget()
    sent = 0
    for item in range(items):
        share = fails[item * len(fails) // items]
        for last in (False, False, True):
            sent += 1
            if chance.random() >= share:
                budget = budget.earned()
                break
            left = None if last else budget.charged(FAILURE_COST)
            if left is None:
                break
            budget = left
    return sent


@settings(deadline=None, max_examples=100)
@given(EVENTS)
def test_a_budget_is_never_above_its_capacity_nor_below_zero(events: list[int]) -> None:
    """Whatever is earned and spent."""
    budget = RetryBudget()
    for cost in events:
        budget = budget.earned() if cost == 0 else budget.charged(cost) or budget
        assert 0 <= budget.tokens <= CAPACITY
        assert budget.full == (budget.tokens == CAPACITY)


@settings(deadline=None, max_examples=60)
@given(
    items=st.integers(1000, 3000),
    fails=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8),
    seed=st.integers(0, 1000),
)
def test_f055_over_a_thousand_items_at_most_a_tenth_is_repeated(
    items: int, fails: list[float], seed: int
) -> None:
    """However the upstream fails, and whenever."""
    assert attempts_for(items, fails, seed) <= 1.10 * items


@pytest.mark.parametrize(("items", "most"), [(1000, 1033), (36_600, 36_633)])
def test_f055_a_dead_upstream_costs_thirty_three_repetitions(items: int, most: int) -> None:
    """The budget begins full and is never earned again."""
    assert attempts_for(items, [1.0], 1) == most


def test_what_the_budget_does_not_reach_for_is_denied() -> None:
    """The last token stays where it is."""
    assert RetryBudget(THROTTLED_COST).charged(THROTTLED_COST) == RetryBudget(0)
    assert RetryBudget(FAILURE_COST - 1).charged(FAILURE_COST) is None
