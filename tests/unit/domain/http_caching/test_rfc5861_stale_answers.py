"""Stale answers that are allowed."""

import pytest

from domain.http_caching.freshness import MAX_LIFETIME
from domain.http_caching.reuse import Revalidate, decide
from domain.http_caching.stale_use import may_serve_on_error, may_serve_while_revalidating
from domain.http_caching.terms import STALE_WHEN_DISCONNECTED, terms_for
from domain.requests import CachePolicy, Trust
from tests.support.cached_answers import ANY, RFC, T0, answer


@pytest.mark.parametrize(
    ("directives", "after", "allowed"),
    [
        ("max-age=60, stale-if-error=100", 159, True),
        ("max-age=60, stale-if-error=100", 160, False),
        ("max-age=60", 61, False),
        ("max-age=60, stale-if-error=x", 61, False),
        ("max-age=60, stale-if-error=100, must-revalidate", 61, False),
        ("max-age=60, stale-if-error=100, no-cache", 61, False),
        ("max-age=0, stale-if-error=99999999999", MAX_LIFETIME - 1, True),
        ("max-age=0, stale-if-error=99999999999", MAX_LIFETIME, False),
    ],
)
def test_rfc5861_4_stale_if_error(directives: str, after: float, *, allowed: bool) -> None:
    """Within its seconds, unless the origin forbids stale answers (RFC 9111 section 5.2.2.2)."""
    stored = answer(("cache-control", directives))
    assert may_serve_on_error(stored, T0 + after) is allowed


@pytest.mark.parametrize(
    ("directives", "after", "allowed"),
    [
        ("max-age=60, stale-while-revalidate=100", 159, True),
        ("max-age=60, stale-while-revalidate=100", 160, False),
        ("max-age=60", 61, False),
        ("max-age=60, stale-while-revalidate=100, must-revalidate", 61, False),
        ("max-age=60, stale-while-revalidate=100, no-cache", 61, False),
        ("max-age=60, stale-if-error=100", 61, False),
    ],
)
def test_rfc5861_3_stale_while_revalidate(directives: str, after: float, *, allowed: bool) -> None:
    """Within its seconds, unless the origin wants to be asked."""
    stored = answer(("cache-control", directives), ("etag", '"1"'))
    assert may_serve_while_revalidating(stored, T0 + after) is allowed
    decision = decide([stored], ANY, RFC, T0 + after)
    assert isinstance(decision, Revalidate)
    assert decision.at_once is allowed


@pytest.mark.parametrize(
    ("directives", "after", "disconnected", "allowed"),
    [
        ("max-age=60", 61, True, True),
        ("max-age=60", 61, False, False),
        ("max-age=60", 60 + STALE_WHEN_DISCONNECTED, True, False),
        ("max-age=60, must-revalidate", 61, True, False),
        ("no-cache", 61, True, False),
    ],
)
def test_rfc9111_4_2_4_disconnected(
    directives: str, after: float, *, disconnected: bool, allowed: bool
) -> None:
    """For a day after its freshness, and only of documents found in data."""
    stored = answer(("cache-control", directives))
    documents = terms_for(CachePolicy(), Trust.UNTRUSTED)
    pages = terms_for(CachePolicy(), Trust.SOURCE)
    moment = T0 + after
    assert may_serve_on_error(stored, moment, documents, disconnected=disconnected) is allowed
    assert not may_serve_on_error(stored, moment, pages, disconnected=disconnected)
