"""How old an answer is and how long it is fresh."""

import pytest

from domain.http_caching.freshness import (
    MAX_LIFETIME,
    current_age,
    freshness_lifetime,
    is_fresh,
)
from domain.http_caching.reuse import Revalidate, decide
from domain.http_caching.stale_use import may_serve_on_error
from tests.support.cached_answers import (
    ANY,
    DATE,
    DAY_BEFORE,
    HOUR_LATER,
    RFC,
    T0,
    answer,
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("cache-control", "max-age=3600")], 3600),
        ([("cache-control", "max-age=60"), ("expires", HOUR_LATER)], 60),
        ([("cache-control", "max-age=x"), ("expires", HOUR_LATER)], 0),
        ([("cache-control", "s-maxage=60")], 0),
        ([("expires", HOUR_LATER)], 3600),
        ([("expires", DAY_BEFORE)], 0),
        ([("expires", "0")], 0),
        ([("expires", HOUR_LATER), ("expires", HOUR_LATER)], 0),
        ([("last-modified", DAY_BEFORE)], 8640),
        ([("last-modified", HOUR_LATER)], 0),
        ([("last-modified", "yesterday")], 0),
        ([("last-modified", "Fri, 02 Jan 2015 03:04:05 GMT")], MAX_LIFETIME),
        ([("cache-control", "max-age=1000000000")], MAX_LIFETIME),
        ([("cache-control", "no-cache, max-age=60")], 0),
        ([("cache-control", 'no-cache="set-cookie", max-age=60')], 0),
        ([], 0),
    ],
)
def test_4_2_1_freshness_lifetime(fields: list[tuple[str, str]], expected: float) -> None:
    """max-age before Expires before a tenth of the time since the last change; at most 7 days."""
    assert freshness_lifetime(answer(*fields)) == expected


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        (404, [], 8640),
        (410, [], 8640),
        (301, [], 8640),
        (302, [], 0),
        (599, [], 0),
        (599, [("cache-control", "public")], 8640),
    ],
)
def test_4_2_2_heuristic_freshness(
    status: int, fields: list[tuple[str, str]], expected: float
) -> None:
    """Only statuses that are cacheable by default, or answers marked public."""
    stored = answer(("last-modified", DAY_BEFORE), *fields, status=status)
    assert freshness_lifetime(stored) == expected


@pytest.mark.parametrize(
    ("fields", "date", "expected"),
    [
        ([], DATE, 10),
        ([("age", "100")], DATE, 110),
        ([("age", "7200, 0")], DATE, 7210),
        ([("age", "0"), ("age", "7200")], DATE, 10),
        ([("age", "-7200")], DATE, 10),
        ([("age", "7200.0")], DATE, 10),
        ([("age", "old")], DATE, 10),
        ([("age", "99999999999")], DATE, 2**31 + 10),
        ([], DAY_BEFORE, 86410),
        ([("age", "100")], DAY_BEFORE, 86410),
        ([], HOUR_LATER, 10),
        ([], None, 10),
        ([], "soon", 10),
    ],
)
def test_4_2_3_current_age(
    fields: list[tuple[str, str]], date: str | None, expected: float
) -> None:
    """Ten seconds after receipt; a missing or invalid Date is the time of receipt."""
    assert current_age(answer(*fields, date=date), T0 + 10) == expected


def test_4_2_3_the_delay_of_the_exchange_counts() -> None:
    """What took 5 s to arrive may have been made at the beginning of them."""
    stored = answer(("age", "0"))._replace(requested_at=T0 - 5)
    assert current_age(stored, T0) == 5


def test_4_2_without_a_date_an_answer_still_grows_stale() -> None:
    """The gap of other clients: no Date does not mean age 0 for ever."""
    stored = answer(("cache-control", "max-age=1"), date=None)
    assert is_fresh(stored, T0)
    assert not is_fresh(stored, T0 + 2.6)


def test_4_2_a_clock_that_was_set_back_makes_nothing_fresh() -> None:
    """An answer from the future has no age that could be trusted."""
    stored = answer(("cache-control", "max-age=3600, stale-if-error=9999"))
    assert is_fresh(stored, T0 - 30)
    assert not is_fresh(stored, T0 - 3600)
    assert not may_serve_on_error(stored, T0 - 3600)
    assert decide([stored], ANY, RFC, T0 - 3600) == Revalidate(stored, ())
