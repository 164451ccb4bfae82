"""What no header field can break."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.freshness import (
    MAX_LIFETIME,
    current_age,
    fresh_until,
    freshness_lifetime,
    is_fresh,
    remaining_freshness,
)
from domain.http_caching.reuse import Fresh, Miss, Revalidate, Unavailable, decide
from domain.http_caching.stale_use import may_serve_on_error
from domain.http_caching.storing import FOREVER, entry_to_store
from domain.http_caching.terms import Terms
from domain.http_caching.validation import freshened, is_confirmed
from domain.http_caching.vary import vary_key
from domain.requests import CacheMode, CachePolicy
from tests.support.cached_answers import (
    ANY,
    DATE,
    DAY_BEFORE,
    HOUR_LATER,
    RFC,
    T0,
    answer,
)

NAMES = st.sampled_from(
    ["age", "date", "expires", "etag", "last-modified", "vary", "cache-control", "connection"]
)
VALUES = (
    st.text(max_size=30)
    | st.sampled_from([DATE, HOUR_LATER, DAY_BEFORE, "*", '"1"', "accept", "0", "-1", "9" * 5000])
    | st.builds(
        "{}={}{}".format,
        st.sampled_from(["max-age", "stale-if-error", "no-cache", "no-store", "public"]),
        st.integers(-5, 10**30),
        st.sampled_from(["", ", no-cache", '"', ', x="', ", must-revalidate"]),
    )
)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
MOMENTS = st.floats(0, 1e11)
TERMS = st.builds(
    Terms,
    st.builds(CachePolicy, st.sampled_from(CacheMode), st.integers(-10, 10**9)),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
)


@settings(max_examples=300, deadline=None)
@given(
    fields=FIELDS,
    later=FIELDS,
    status=st.integers(100, 999),
    requested_at=MOMENTS,
    received_at=MOMENTS,
    now=MOMENTS,
    terms=TERMS,
)
def test_any_header_values_are_decided_upon(
    *,
    fields: list[tuple[str, str]],
    later: list[tuple[str, str]],
    status: int,
    requested_at: float,
    received_at: float,
    now: float,
    terms: Terms,
) -> None:
    """No field value and no clock makes a rule raise; lifetimes and ages are never negative."""
    headers = Headers(fields)
    stored = answer()._replace(
        status=status,
        headers=headers,
        vary_key=vary_key(headers, ANY),
        requested_at=requested_at,
        received_at=received_at,
        expires_at=float("inf"),
    )
    decision = decide([stored], ANY, terms, now)
    entry = entry_to_store(stored, terms)
    current = freshened(stored, Headers(later), received_at, now)
    is_confirmed(stored, Headers(later))

    assert isinstance(decision, Fresh | Revalidate | Miss | Unavailable)
    assert 0 <= freshness_lifetime(stored) <= MAX_LIFETIME
    assert current_age(stored, now) >= 0
    assert is_fresh(stored, now) <= (remaining_freshness(stored, now) > 0)
    assert entry is None or received_at < entry.expires_at <= received_at + FOREVER + 1e10
    assert current.body == stored.body
    if may_serve_on_error(stored, now):
        assert -remaining_freshness(stored, now) < MAX_LIFETIME


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS, sooner=st.floats(0, 1e6), later=st.floats(0, 1e6))
def test_an_answer_only_grows_older(
    fields: list[tuple[str, str]], sooner: float, later: float
) -> None:
    """Age rises with the clock, and what has grown stale never becomes fresh again."""
    stored = answer()._replace(headers=Headers(fields))
    one, other = sorted((T0 + sooner, T0 + later))
    assert current_age(stored, one) <= current_age(stored, other)
    assert is_fresh(stored, other) <= is_fresh(stored, one)


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS, after=st.floats(0, 1e7), status=st.sampled_from([200, 206, 404, 410, 500]))
def test_a_fresh_decision_never_outlives_the_lifetime(
    fields: list[tuple[str, str]], after: float, status: int
) -> None:
    """Stored or not, read by its fields or by the moment that was told at storing."""
    received = answer(status=status)._replace(headers=Headers(fields), expires_at=float("inf"))
    entry = entry_to_store(received, RFC) or received
    decision = decide([entry], ANY, RFC, T0 + after)
    if isinstance(decision, Fresh):
        age = current_age(received, T0 + after)
        assert age < freshness_lifetime(received) + 1e-3
        assert after <= MAX_LIFETIME
    if entry.fresh_until is not None:
        assert entry.fresh_until == fresh_until(received)
