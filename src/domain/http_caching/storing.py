"""What may be stored, and for how long it is of use (RFC 9111 section 3)."""

from collections.abc import Mapping

from domain.headers import Headers
from domain.http_caching.cache_control import CacheControl, parse_cache_control
from domain.http_caching.end_to_end import end_to_end
from domain.http_caching.freshness import (
    HEURISTIC_STATUSES,
    fresh_until,
    has_explicit_freshness,
    has_explicit_lifetime,
)
from domain.http_caching.invalidation import is_same_resource
from domain.http_caching.stale_use import useful_when_stale
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import Terms
from domain.http_caching.validation import has_validator
from domain.http_caching.vary import varies_on_everything
from domain.requests import CacheMode

REVALIDATION_WINDOW = 30 * 86400.0
"""Seconds for which a stale answer is kept because its origin may still confirm it."""

FOREVER = 10 * 365 * 86400.0
"""Seconds for which a content-addressed answer is kept."""

_UNDERSTOOD = HEURISTIC_STATUSES | {302, 303, 307, 400, 401, 402, 403, 406, 409, 412, 500, 502, 503}
_PARTIAL = 206
_of = tuple.__new__
_NEVER = frozenset({304, 416})
_FIRST_FINAL = 200
_SUCCESS = range(200, 300)


def entry_to_store(
    candidate: StoredResponse, terms: Terms, *, ranged: bool = False
) -> StoredResponse | None:
    """The candidate as it is to be stored; None if it may not, or to no use.

    Fields of the connection are dropped, `expires_at` and `fresh_until` set. The override modes
    keep successes whatever their headers say, and no other answers.

    Args:
        candidate: the answer to a GET, its headers as received; `expires_at` is ignored.
        terms: how the answer is to be cached.
        ranged: the request had a Range; a part is stored only then.
    """
    return entry_and_shared(candidate, terms, ranged=ranged)[0]


def entry_and_shared(
    candidate: StoredResponse, terms: Terms, *, ranged: bool = False
) -> tuple[StoredResponse | None, bool]:
    """As `entry_to_store`, and whether the answer serves all who asked the same meanwhile.

    It is younger than each of their requests, so that freshness does not matter
    (RFC 9111 section 4).
    """
    fields = candidate.headers.by_name
    directives = parse_cache_control(fields.get("cache-control") or "")
    if not _may_store(candidate, fields, terms, directives, ranged=ranged):
        return None, False
    shared = not directives.no_cache or terms.override(candidate.status)
    until = fresh_until(candidate, terms.negative_lifetime, directives)
    received_at = candidate.received_at
    fresh = max(0.0, until - received_at)
    useful = _useful_for(fields, terms, directives, fresh)
    if useful <= 0:
        return None, shared
    source, url, status, headers, body, key, requested_at, _, body_received_at, _, _ = candidate
    return _of(
        StoredResponse,
        (
            source,
            url,
            status,
            end_to_end(headers),
            body,
            key,
            requested_at,
            received_at,
            body_received_at,
            received_at + useful,
            until,
        ),
    ), shared


def _may_store(
    candidate: StoredResponse,
    fields: Mapping[str, str],
    terms: Terms,
    directives: CacheControl,
    *,
    ranged: bool,
) -> bool:
    """Nothing forbids to store the answer."""
    status, headers, mode = candidate.status, candidate.headers, terms.policy.mode
    if mode is CacheMode.OFF or status < _FIRST_FINAL or status in _NEVER:
        return False
    if status == _PARTIAL and not (ranged and "content-range" in fields):
        return False
    if mode is not CacheMode.RFC9111:
        return terms.override(status) and status != _PARTIAL
    allowed = status in _UNDERSTOOD if directives.must_understand else not directives.no_store
    if not allowed or ("vary" in fields and varies_on_everything(headers)):
        return False
    return status in HEURISTIC_STATUSES or has_explicit_freshness(headers)


def answers_a_get(status: int, url: str, headers: Headers) -> bool:
    """The answer to a POST is also that to a later GET (RFC 9110 section 9.3.3)."""
    return status in _SUCCESS and has_explicit_lifetime(headers) and is_same_resource(url, headers)


def _useful_for(
    fields: Mapping[str, str], terms: Terms, directives: CacheControl, fresh: float
) -> float:
    """Seconds after receipt for which the answer may serve in some way."""
    policy = terms.policy
    if policy.mode is CacheMode.IMMUTABLE or policy.mode is CacheMode.REFRESH:
        return FOREVER
    confirmable = REVALIDATION_WINDOW if has_validator(fields) else 0.0
    if policy.mode is CacheMode.KEEP:
        return float(policy.seconds) + confirmable
    return fresh + useful_when_stale(directives, terms, fresh) + confirmable
