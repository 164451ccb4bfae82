"""Choosing between what is stored and the origin."""

import pytest

from domain.http_caching.reuse import Decision, Fresh, Miss, Revalidate, decide
from domain.http_caching.terms import Terms
from tests.support.cached_answers import (
    ANY,
    IMMUTABLE,
    KEEP,
    OFF,
    RFC,
    T0,
    answer,
)


def test_4_without_a_match_it_is_a_miss() -> None:
    """Nothing stored, another variant stored, or an entry past its use."""
    other = answer(("vary", "accept"))._replace(vary_key="accept:text/plain")
    past = answer(("cache-control", "max-age=60"))._replace(expires_at=T0)
    assert decide([], ANY, RFC, T0) == Miss()
    assert decide([other], ANY, RFC, T0) == Miss()
    assert decide([past], ANY, RFC, T0) == Miss()


def test_4_of_several_matches_the_newest_counts() -> None:
    """A later answer supersedes an earlier one with another Vary."""
    old = answer(("cache-control", "max-age=60"), ("vary", "accept"))
    new = answer(("cache-control", "max-age=60"))._replace(received_at=T0 + 1)
    assert decide([old, new], ANY, RFC, T0 + 2) == Fresh(new)
    assert decide([new, old], ANY, RFC, T0 + 2) == Fresh(new)


@pytest.mark.parametrize(
    ("fields", "policy", "after", "expected"),
    [
        ([("cache-control", "max-age=60")], RFC, 59, Fresh),
        ([("cache-control", "max-age=60")], RFC, 60, Revalidate),
        ([("cache-control", "max-age=60, no-cache")], RFC, 0, Revalidate),
        ([("cache-control", "max-age=60"), ("vary", "*")], RFC, 0, Revalidate),
        ([("etag", '"1"')], RFC, 0, Revalidate),
        ([("cache-control", "no-store")], KEEP, 599, Fresh),
        ([("cache-control", "max-age=9999")], KEEP, 600, Revalidate),
        ([("cache-control", "no-store"), ("vary", "*")], IMMUTABLE, 3e8, Fresh),
        ([("cache-control", "max-age=60")], OFF, 0, Miss),
    ],
)
def test_4_reuse(
    fields: list[tuple[str, str]],
    policy: Terms,
    after: float,
    expected: type[Decision],
) -> None:
    """Fresh is served, stale is asked about; the override modes go by their own clock."""
    assert isinstance(decide([answer(*fields)], ANY, policy, T0 + after), expected)


def test_4_an_override_says_nothing_about_failures() -> None:
    """A stored 404 goes by its headers in every mode."""
    stored = answer(("cache-control", "max-age=60"), status=404)
    assert isinstance(decide([stored], ANY, IMMUTABLE, T0 + 61), Revalidate)
