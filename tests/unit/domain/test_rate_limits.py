import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.rate_limits import Quota, RateLimit, parse_quota, parse_rate_limit

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600/h", RateLimit(600, 3600.0)),
        ("60/m", RateLimit(60, 60.0)),
        ("10/15m", RateLimit(10, 900.0)),
        (" 5 / s ", RateLimit(5, 1.0)),
        ("1/d", RateLimit(1, 86400.0)),
        ("0/s", None),
        ("5/0m", None),
        ("5/w", None),
        ("many", None),
        ("", None),
        ("-5/s", None),
    ],
)
def test_stated_limits_are_read(text: str, expected: RateLimit | None) -> None:
    """The forms that upstreams use; anything else is no limit."""
    assert parse_rate_limit(text) == expected


@pytest.mark.parametrize(
    "reset", [f"{NOW + 90:.0f}", f"{(NOW + 90) * 1000:.0f}", "90"], ids=["s", "ms", "from now"]
)
def test_f054_the_reset_comes_as_epoch_seconds_milliseconds_or_from_now(reset: str) -> None:
    """All three forms mean the same moment."""
    headers = Headers(
        [
            ("X-RateLimit-Limit", "600"),
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", reset),
        ]
    )
    assert parse_quota(headers, NOW) == Quota(600, 0, 90.0)


def test_a_reset_in_the_past_is_now() -> None:
    """A wait is never negative."""
    quota = parse_quota(Headers([("x-ratelimit-reset", f"{NOW - 5:.0f}")]), NOW)
    assert quota == Quota(None, None, 0.0)


@pytest.mark.parametrize("value", ["", "many", "-1", "1e9", "1, 2", "9" * 30])
def test_unusable_fields_are_passed_over(value: str) -> None:
    """Garbage is as good as nothing."""
    assert parse_quota(Headers([("x-ratelimit-remaining", value)]), NOW) is None


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30))
def test_any_text_is_a_limit_or_nothing(text: str) -> None:
    """Hostile words never raise, and a limit always allows something."""
    limit = parse_rate_limit(text)
    assert limit is None or (limit.count > 0 and limit.seconds > 0)
