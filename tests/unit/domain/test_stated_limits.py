import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.stated_limits import stated_limit

NOTHING = Headers()
AT_HALF_PAST = Headers([("Date", "Sun, 22 Nov 2026 22:30:15 GMT")])


def reason(text: str) -> bytes:
    """An error as Open-Meteo sends it."""
    return b'{"error":true,"reason":"%s"}' % text.encode()


@pytest.mark.parametrize(
    ("text", "whole", "left"),
    [
        ("Minutely API request limit exceeded. Please try again in one minute.", 60.0, 45.0),
        ("Hourly API request limit exceeded. Please try again in the next hour.", 3600.0, 1785.0),
        ("Daily API request limit exceeded. Please try again tomorrow.", 86_400.0, 5385.0),
        ("Too many concurrent requests", 0.0, 0.0),
    ],
)
def test_open_meteo_states_its_limits_in_words_alone(text: str, whole: float, left: float) -> None:
    """Its periods end with the clock's: half past ten leaves half an hour of the hour."""
    assert stated_limit(429, NOTHING, reason(text)) == whole
    assert stated_limit(429, AT_HALF_PAST, reason(text)) == left


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        (b'{"error": "rate limited"}', 0.0),
        (b'{"detail":"Request was throttled. Expected available in 36 seconds."}', 36.0),
        (b'{"errors": ["Rate limit exceeded, retry after 2.5s"]}', 2.5),
        (b'{"error":["EAPI:Rate limit exceeded"]}', 0.0),
        (b'{"status":{"error_code":429,"error_message":"You\'ve exceeded the Rate Limit."}}', 0.0),
        (b'{"code":429,"message":"You have run out of API credits for the current minute."}', 60.0),
        (b"Exceeded the daily hits limit", 86_400.0),
        (b'{"Note":"Our standard API call frequency is 5 calls per minute and 500 per day."}',
         86_400.0),
    ],
)  # fmt: skip
def test_f061_an_answer_with_status_200_may_say_that_it_is_limited(
    body: bytes, wait: float
) -> None:
    """The words of several upstreams."""
    assert stated_limit(200, NOTHING, body) == wait


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<html>rate limited</html>",
        b'{"name": "Rate limited edition", "image": "ipfs://x"}',
        b'{"description": "too many requests", "attributes": []}',
        b'{"nfts": [], "next": null}',
        b'{"error":true,"reason":"Your API call requests too much data: the limit is 5000."}',
        b'{"error": "not found"}',
        b'{"error": "rate limited"',
        b"[" * 2000,
        b'{"error":' + b"[" * 1900,
        b'{"error": "rate limited", "padding": "' + b"x" * 5000 + b'"}',
    ],
)
def test_other_answers_are_none_of_its_business(body: bytes) -> None:
    """A document may speak of limits; one that is nothing but an error says them."""
    assert stated_limit(200, NOTHING, body) is None


def test_a_status_that_says_so_needs_no_words() -> None:
    """429 without a word about how long leaves the question open."""
    assert stated_limit(429, NOTHING, b'{"error": "no"}') == 0.0
    assert stated_limit(429, NOTHING, b'{"error": "wait 3 minutes"}') == 180.0
    assert stated_limit(429, NOTHING, b"") is None


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: b'{"error": "rate limit %s"}' % text.encode())
)
def test_any_body_is_a_wait_or_nothing(body: bytes) -> None:
    """Hostile bodies never raise, and no wait is negative."""
    wait = stated_limit(429, NOTHING, body)
    assert wait is None or wait >= 0
