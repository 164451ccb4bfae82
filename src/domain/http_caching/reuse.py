"""What to do with a request, given what is stored (RFC 9111 section 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from domain.headers import Headers
from domain.http_caching.byte_ranges import sliced
from domain.http_caching.freshness import (
    current_age,
    received_in_the_future,
    remaining_freshness,
)
from domain.http_caching.request_directives import NONE, RequestDirectives, request_directives
from domain.http_caching.stale_use import forbids_stale, may_serve_while_revalidating
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import Terms
from domain.http_caching.validation import conditions_at
from domain.http_caching.vary import matches
from domain.requests import CacheMode

_PARTIAL = 206


@dataclass(frozen=True, slots=True)
class Fresh:
    """Answer with it; ask nobody."""

    stored: StoredResponse


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask the origin, with `conditions` where there are any; an error may still find it of use.

    Attributes:
        at_once: answer with it first, and ask in the background (RFC 5861 section 3).
    """

    stored: StoredResponse
    conditions: tuple[tuple[str, str], ...]
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """Nothing stored is of use: ask the origin."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing stored will do, and the origin is not to be asked (RFC 9111 section 5.2.1.7)."""


type Decision = Fresh | Revalidate | Miss | Unavailable

_MISS = Miss()


def decide(
    variants: Sequence[StoredResponse],
    request_headers: Headers,
    terms: Terms,
    now: float,
    directives: RequestDirectives | None = None,
) -> Decision:
    """Choose between the stored variants and the origin.

    Args:
        variants: what is stored under the request's key, in any order.
        request_headers: the request's own fields, for Vary, directives and Range.
        terms: the source's or the request's overrides.
        now: epoch seconds.
        directives: those of `request_headers`, where they are known already.
    """
    if directives is None:
        directives = request_directives(request_headers)
    if directives is NONE and len(variants) == 1 and _is_plainly_fresh(variants[0], terms, now):
        return Fresh(variants[0])
    stored = selected(variants, request_headers, now) if variants and terms.is_on else None
    if stored is None or directives.no_store:
        return Unavailable() if directives.only_if_cached else _MISS
    if _is_reusable(stored, terms, directives, now):
        return Fresh(stored)
    at_once = directives.accept_stale and may_serve_while_revalidating(stored, now)
    if directives.only_if_cached and not at_once:
        return Unavailable()
    if stored.status == _PARTIAL:
        return _MISS
    return Revalidate(stored, conditions_at(stored, now), at_once)


def _is_plainly_fresh(stored: StoredResponse, terms: Terms, now: float) -> bool:
    """What most hits are, told without reading a header field: whole, fresh, and without Vary."""
    until = stored.fresh_until
    return (
        until is not None
        and stored.received_at <= now < until
        and not stored.vary_key
        and terms.policy.mode is CacheMode.RFC9111
    )


def reusable_until(stored: StoredResponse, terms: Terms) -> float:
    """Epoch seconds until which the answer is given without asking; 0.0 where it may not be."""
    policy = terms.policy
    if policy.mode is not CacheMode.RFC9111:
        if not terms.may_reuse:
            return 0.0
        if terms.override(stored.status):
            forever = policy.mode is CacheMode.IMMUTABLE
            return inf if forever else stored.received_at + policy.seconds
    return stored.fresh_until or 0.0


def selected(
    variants: Iterable[StoredResponse], request_headers: Headers, now: float
) -> StoredResponse | None:
    """The newest variant that the request matches; a part only where it holds what is asked."""
    best: StoredResponse | None = None
    for each in variants:
        if (
            now < each.expires_at
            and (best is None or each.received_at > best.received_at)
            and (matches(each, request_headers) or _holds_the_part(each, request_headers))
        ):
            best = each
    return best


def _holds_the_part(stored: StoredResponse, request_headers: Headers) -> bool:
    """A stored part without a Vary of its own that holds the bytes of another Range."""
    if stored.status != _PARTIAL or "vary" in stored.headers or "range" not in request_headers:
        return False
    part = sliced(stored, request_headers)
    return part is not None and part.status == _PARTIAL


def _is_reusable(
    stored: StoredResponse, terms: Terms, directives: RequestDirectives, now: float
) -> bool:
    if directives.no_cache:
        return False
    if terms.policy.mode is CacheMode.IMMUTABLE and terms.override(stored.status):
        return True
    if received_in_the_future(stored, now):
        return False
    if terms.override(stored.status):
        return now - stored.received_at < terms.policy.seconds
    max_age = directives.max_age
    if max_age is not None and (max_age == 0 or current_age(stored, now) > max_age):
        return False
    remaining = remaining_freshness(stored, now)
    stale_will_do = -directives.max_stale <= remaining <= 0 < directives.max_stale
    return remaining > directives.min_fresh or (
        stale_will_do and not directives.min_fresh and not forbids_stale(stored)
    )
