"""What to do with a request, given what is stored (RFC 9111 section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.headers import Headers
from domain.http_caching.cache_control import cache_control
from domain.http_caching.freshness import (
    MAX_LIFETIME,
    is_fresh,
    received_in_the_future,
    staleness,
)
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import overrides_headers
from domain.http_caching.validation import conditions
from domain.http_caching.vary import varies_on_everything, vary_key
from domain.requests import CacheMode, CachePolicy


@dataclass(frozen=True, slots=True)
class Fresh:
    """Answer with it; ask nobody."""

    stored: StoredResponse


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask the origin, with `conditions` where there are any; an error may still find it of use."""

    stored: StoredResponse
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """Nothing stored is of use: ask the origin."""


type Decision = Fresh | Revalidate | Miss


def decide(
    variants: Sequence[StoredResponse], request_headers: Headers, policy: CachePolicy, now: float
) -> Decision:
    """Choose between the stored variants and the origin.

    Args:
        variants: what is stored under the request's key, in any order.
        request_headers: the request's own fields, for Vary.
        policy: the source's or the request's override.
        now: epoch seconds.
    """
    stored = _selected(variants, request_headers, now)
    if stored is None or policy.mode is CacheMode.OFF:
        return Miss()
    if _is_reusable(stored, policy, now):
        return Fresh(stored)
    return Revalidate(stored, conditions(stored))


def may_serve_on_error(stored: StoredResponse, now: float) -> bool:
    """A stale answer may stand in for an upstream that fails (RFC 5861 section 4)."""
    directives = cache_control(stored.headers)
    tolerated = directives.seconds("stale-if-error") or 0
    if "no-cache" in directives or "must-revalidate" in directives:
        return False
    if received_in_the_future(stored, now):
        return False
    return staleness(stored, now) < min(float(tolerated), MAX_LIFETIME)


def _selected(
    variants: Sequence[StoredResponse], request_headers: Headers, now: float
) -> StoredResponse | None:
    """The newest variant that the request matches."""
    matching = [
        each
        for each in variants
        if now < each.expires_at and each.vary_key == vary_key(each.headers, request_headers)
    ]
    return max(matching, key=lambda each: each.received_at, default=None)


def _is_reusable(stored: StoredResponse, policy: CachePolicy, now: float) -> bool:
    if not overrides_headers(stored.status, policy):
        return not varies_on_everything(stored.headers) and is_fresh(stored, now)
    if policy.mode is CacheMode.IMMUTABLE:
        return True
    age = now - stored.received_at
    return age < policy.seconds and not received_in_the_future(stored, now)
