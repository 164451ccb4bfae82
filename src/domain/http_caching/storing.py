"""What may be stored, and for how long it is of use (RFC 9111 section 3)."""

from dataclasses import replace

from domain.http_caching.cache_control import cache_control
from domain.http_caching.end_to_end import end_to_end
from domain.http_caching.freshness import (
    HEURISTIC_STATUSES,
    MAX_LIFETIME,
    current_age,
    freshness_lifetime,
    has_explicit_freshness,
)
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.validation import conditions
from domain.http_caching.vary import varies_on_everything
from domain.requests import CacheMode, CachePolicy

REVALIDATION_WINDOW = 30 * 86400.0
"""Seconds for which a stale answer is kept because its origin may still confirm it."""

FOREVER = 10 * 365 * 86400.0
"""Seconds for which a content-addressed answer is kept."""

_UNDERSTOOD = HEURISTIC_STATUSES | {302, 303, 307, 400, 401, 402, 403, 406, 409, 412, 500, 502, 503}
_NEVER_WHOLE = frozenset({206, 304})
_FIRST_FINAL = 200
_SUCCESS = range(200, 300)


def entry_to_store(candidate: StoredResponse, policy: CachePolicy) -> StoredResponse | None:
    """The candidate as it is to be stored: fields pruned, `expires_at` set; None if it may not.

    The override modes keep successes whatever their headers say, and no other answers.

    Args:
        candidate: the answer to a GET, its headers as received; `expires_at` is ignored.
        policy: how the answer is to be cached.
    """
    if not _may_store(candidate, policy):
        return None
    useful = _useful_for(candidate, policy)
    if useful <= 0:
        return None
    return replace(
        candidate,
        headers=end_to_end(candidate.headers),
        expires_at=candidate.received_at + useful,
    )


def overrides_headers(status: int, policy: CachePolicy) -> bool:
    """The policy decides about this answer, whatever its headers say."""
    return policy.mode in {CacheMode.IMMUTABLE, CacheMode.KEEP} and status in _SUCCESS


def _may_store(candidate: StoredResponse, policy: CachePolicy) -> bool:
    status, headers = candidate.status, candidate.headers
    if policy.mode is CacheMode.OFF or status < _FIRST_FINAL or status in _NEVER_WHOLE:
        return False
    if policy.mode is not CacheMode.RFC9111:
        return overrides_headers(status, policy)
    directives = cache_control(headers)
    if "must-understand" in directives:
        allowed = status in _UNDERSTOOD
    else:
        allowed = "no-store" not in directives
    if not allowed or varies_on_everything(headers):
        return False
    return has_explicit_freshness(headers) or status in HEURISTIC_STATUSES


def _useful_for(candidate: StoredResponse, policy: CachePolicy) -> float:
    """Seconds after receipt for which the answer may serve in some way."""
    if policy.mode is CacheMode.IMMUTABLE:
        return FOREVER
    if policy.mode is CacheMode.KEEP:
        fresh = float(policy.seconds)
    else:
        age = current_age(candidate, candidate.received_at)
        fresh = max(0.0, freshness_lifetime(candidate) - age)
        tolerated = cache_control(candidate.headers).seconds("stale-if-error") or 0
        fresh += min(float(tolerated), MAX_LIFETIME)
    return fresh + (REVALIDATION_WINDOW if conditions(candidate) else 0.0)
