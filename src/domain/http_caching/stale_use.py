"""When a stale answer may be used (RFC 9111 section 4.2.4, RFC 5861)."""

from functools import lru_cache

from domain.http_caching.cache_control import CacheControl, cache_control
from domain.http_caching.freshness import MAX_LIFETIME, received_in_the_future, remaining_freshness
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import Terms

FAILING = frozenset({500, 502, 503, 504})
"""Statuses that count as an error (RFC 5861 section 4)."""


def may_serve_while_revalidating(stored: StoredResponse, now: float) -> bool:
    """A stale answer may be served at once and refreshed meanwhile (RFC 5861 section 3)."""
    return _is_tolerated(
        stored, now, _stated(cache_control(stored.headers), "stale-while-revalidate")
    )


def may_serve_on_error(
    stored: StoredResponse, now: float, terms: Terms | None = None, *, disconnected: bool = False
) -> bool:
    """A stale answer may stand in for an upstream that fails (RFC 5861 section 4).

    Args:
        stored: the answer.
        now: epoch seconds.
        terms: what may be used of an upstream that cannot be reached.
        disconnected: there was no answer at all.
    """
    tolerated = _stated(cache_control(stored.headers), "stale-if-error")
    if disconnected and terms is not None and not forbids_stale(stored):
        tolerated = max(tolerated, terms.stale_when_disconnected)
    return _is_tolerated(stored, now, tolerated)


def useful_when_stale(directives: CacheControl, terms: Terms, fresh: float) -> float:
    """Seconds past its freshness for which an answer may be used without being confirmed.

    The terms add to an answer that is of use already, not to one that is never fresh.

    Args:
        directives: those of the answer.
        terms: what may be used of an upstream that cannot be reached.
        fresh: seconds for which the answer is fresh.
    """
    stated = _most_stated(directives)
    if stated is None:
        return 0.0
    return max(stated, terms.stale_when_disconnected) if fresh or stated else 0.0


def forbids_stale(stored: StoredResponse) -> bool:
    """The origin wants to be asked, whatever happens (RFC 9111 section 5.2.2)."""
    return cache_control(stored.headers).against_stale


@lru_cache(maxsize=512)
def _most_stated(directives: CacheControl) -> float | None:
    """The longest tolerance of all that are stated; None: no stale answer may be used."""
    if directives.against_stale:
        return None
    return max(_stated(directives, "stale-if-error"), _stated(directives, "stale-while-revalidate"))


def _stated(directives: CacheControl, name: str) -> float:
    return min(float(directives.seconds(name) or 0), MAX_LIFETIME)


def _is_tolerated(stored: StoredResponse, now: float, seconds: float) -> bool:
    if seconds <= 0 or forbids_stale(stored) or received_in_the_future(stored, now):
        return False
    return -remaining_freshness(stored, now) < seconds
