"""How old an answer is, and how long it stays fresh (RFC 9111 section 4.2)."""

from collections.abc import Mapping

from domain.headers import Headers
from domain.http_caching.cache_control import CacheControl, cache_control
from domain.http_caching.delta_seconds import parse_delta_seconds
from domain.http_caching.http_dates import parse_http_date
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.vary import varies_on_everything

MAX_LIFETIME = 7 * 86400.0
"""Longest time in seconds for which an upstream's word alone is taken."""

HEURISTIC_STATUSES = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})
"""Statuses that may be reused without explicit freshness (RFC 9110 section 15.1)."""

_NOT_THERE = frozenset({404, 410})
_HEURISTIC_SHARE = 0.1
_CLOCK_SKEW = 60.0


def current_age(stored: StoredResponse, now: float) -> float:
    """Seconds since the answer was made or validated at its origin (RFC 9111 section 4.2.3).

    Without a usable Date the time of receipt stands in for it (RFC 9110 section 6.6.1).
    """
    resident = max(0.0, now - stored.received_at)
    fields = stored.headers.by_name
    return _age_on_receipt(stored, fields, _date(fields, stored.received_at)) + resident


def freshness_lifetime(
    stored: StoredResponse,
    negative_lifetime: float = 0.0,
    directives: CacheControl | None = None,
) -> float:
    """Seconds for which the answer is fresh, counted from age 0 (RFC 9111 section 4.2.1).

    Args:
        stored: the answer.
        negative_lifetime: for a 404 or 410 that gives no lifetime of its own.
        directives: those of the answer, where they are known already.
    """
    if directives is None:
        directives = cache_control(stored.headers)
    fields = stored.headers.by_name
    date = _date(fields, stored.received_at)
    return _lifetime(stored.status, fields, date, negative_lifetime, directives)


def fresh_until(
    stored: StoredResponse,
    negative_lifetime: float = 0.0,
    directives: CacheControl | None = None,
) -> float:
    """Epoch seconds until which the answer may be reused without asking its origin."""
    headers = stored.headers
    fields = headers.by_name
    if "vary" in fields and varies_on_everything(headers):
        return 0.0
    if directives is None:
        directives = cache_control(headers)
    date = _date(fields, stored.received_at)
    lifetime = _lifetime(stored.status, fields, date, negative_lifetime, directives)
    return stored.received_at - _age_on_receipt(stored, fields, date) + lifetime


def remaining_freshness(stored: StoredResponse, now: float) -> float:
    """Seconds for which the answer stays fresh; negative: since when it has been stale."""
    until = stored.fresh_until
    return (fresh_until(stored) if until is None else until) - now


def is_fresh(stored: StoredResponse, now: float) -> bool:
    """The answer may be reused without asking its origin."""
    return remaining_freshness(stored, now) > 0 and not received_in_the_future(stored, now)


def received_in_the_future(stored: StoredResponse, now: float) -> bool:
    """The clock has been set back since: no age can be told."""
    return stored.received_at > now + _CLOCK_SKEW


def with_age(stored: StoredResponse, now: float) -> StoredResponse:
    """The stored answer as it is handed out now (RFC 9111 section 5.1)."""
    fields = (field for field in stored.headers if field[0] != "age")
    age = str(int(current_age(stored, now)))
    return stored._replace(headers=Headers((*fields, ("age", age))))


def has_explicit_lifetime(headers: Headers) -> bool:
    """The origin says for how long the answer is fresh."""
    return "max-age" in cache_control(headers) or "expires" in headers


def has_explicit_freshness(headers: Headers) -> bool:
    """The origin says for how long, or at least that it may be kept (RFC 9111 section 3)."""
    directives = cache_control(headers)
    return "public" in directives or "private" in directives or has_explicit_lifetime(headers)


def _age_on_receipt(stored: StoredResponse, fields: Mapping[str, str], date: float) -> float:
    received_at = stored.received_at
    delay = max(0.0, received_at - stored.requested_at)
    if "age" in fields:
        delay += _seconds_of_age(fields["age"])
    return max(received_at - date, delay)


def _seconds_of_age(text: str) -> float:
    """Age in seconds; the first member counts, an invalid one is ignored (section 5.1)."""
    return float(parse_delta_seconds(text.split(",", 1)[0].strip()) or 0)


def _date(fields: Mapping[str, str], received_at: float) -> float:
    text = fields.get("date")
    date = parse_http_date(text) if text else None
    return received_at if date is None else date


def _lifetime(
    status: int,
    fields: Mapping[str, str],
    date: float,
    negative_lifetime: float,
    directives: CacheControl,
) -> float:
    if directives.no_cache:
        return 0.0
    if directives.max_age is not None:
        lifetime = float(directives.max_age)
    elif "expires" in fields:
        moment = parse_http_date(fields["expires"])
        lifetime = 0.0 if moment is None else moment - date
    else:
        lifetime = _heuristic_lifetime(status, fields, date, directives)
        if status in _NOT_THERE:
            lifetime = max(lifetime, negative_lifetime)
    return min(lifetime, MAX_LIFETIME) if lifetime > 0.0 else 0.0


def _heuristic_lifetime(
    status: int, fields: Mapping[str, str], date: float, directives: CacheControl
) -> float:
    """A tenth of the time since the last change (RFC 9111 section 4.2.2)."""
    if status not in HEURISTIC_STATUSES and "public" not in directives:
        return 0.0
    modified = parse_http_date(fields.get("last-modified") or "")
    return 0.0 if modified is None else (date - modified) * _HEURISTIC_SHARE
