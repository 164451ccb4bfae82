import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.quotas import Quota, parse_quotas, speaks_of_quota
from domain.rate_limits import RateLimit

NOW = 1_800_000_000.0


def quotas(*fields: tuple[str, str], limits: tuple[RateLimit, ...] = ()) -> list[Quota]:
    return parse_quotas(Headers(fields), NOW, limits)


@pytest.mark.parametrize(
    "reset", [f"{NOW + 90:.0f}", f"{(NOW + 90) * 1000:.0f}", "90"], ids=["s", "ms", "from now"]
)
def test_f054_the_reset_comes_as_epoch_seconds_milliseconds_or_from_now(reset: str) -> None:
    """All three forms mean the same moment (OpenSea and GitHub send the first)."""
    found = quotas(("X-RateLimit-Remaining", "7"), ("X-RateLimit-Reset", reset))
    assert found == [Quota("x-ratelimit", 7, 90.0)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("X-Rate-Limit-Remaining", "3"), ("X-Rate-Limit-Reset", "9")], ("x-rate-limit", 3, 9.0)),
        ([("RateLimit-Remaining", "3"), ("RateLimit-Reset", "9")], ("ratelimit", 3, 9.0)),
        ([("RateLimit", "limit=10, remaining=3, reset=9")], ("ratelimit", 3, 9.0)),
        ([("RateLimit", '"default";r=3;t=9')], ("default", 3, 9.0)),
        ([("RateLimit", '"day"; r=3; pk=:abc=: ;t=9')], ("day", 3, 9.0)),
    ],
)
def test_every_form_of_the_drafts_is_read(
    fields: list[tuple[str, str]], expected: tuple[str, int, float]
) -> None:
    """draft-ietf-httpapi-ratelimit-headers, from its third to its present version."""
    assert quotas(*fields) == [Quota(*expected)]


def test_several_quotas_of_one_answer_are_all_known() -> None:
    """A burst and a day, as the present draft lists them."""
    assert quotas(("RateLimit", '"burst";r=5;t=1, "day";r=900;t=4000')) == [
        Quota("burst", 5, 1.0),
        Quota("day", 900, 4000.0),
    ]


def test_binance_says_what_is_used_of_the_clock_s_own_minute() -> None:
    """6,000 a minute, 5,990 used: 10 left until the minute is full."""
    field = ("X-MBX-USED-WEIGHT-1M", "5990")
    limits = (RateLimit(6000, 60.0), RateLimit(50, 1.0))
    assert quotas(field, limits=limits) == [Quota("x-mbx-used-weight-1m", 10, 60.0 - NOW % 60.0)]
    assert quotas(field) == []


def test_a_reset_in_the_past_is_now() -> None:
    """A wait is never negative."""
    found = quotas(("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", f"{NOW - 5:.0f}"))
    assert found == [Quota("x-ratelimit", 0, 0.0)]


@pytest.mark.parametrize("value", ["", "many", "-1", "1e9", "1, 2", "9" * 30, "٣"])
def test_unusable_fields_are_passed_over(value: str) -> None:
    """Garbage is as good as nothing; so is a quota that never ends."""
    assert quotas(("x-ratelimit-remaining", value), ("x-ratelimit-reset", "9")) == []
    assert quotas(("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", value)) == []
    assert quotas(("ratelimit", value)) == []
    assert quotas(("x-mbx-used-weight-1m", value), limits=(RateLimit(9, 60.0),)) == []
    assert quotas(("x-mbx-used-weight-0m", "5"), limits=(RateLimit(9, 60.0),)) == []


@settings(deadline=None, max_examples=200)
@given(
    name=st.sampled_from(
        ["x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "x-mbx-used-weight-1m"]
    ),
    value=st.text(max_size=60) | st.from_regex(r'"[a-z]*"(;[rt]=[0-9]{1,20})*', fullmatch=True),
)
def test_any_text_is_a_quota_or_nothing(name: str, value: str) -> None:
    """Hostile fields never raise, and nothing is ever below zero."""
    fields = [(name, value), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1")]
    for quota in parse_quotas(Headers(fields), NOW, (RateLimit(10, 60.0),)):
        assert quota.remaining >= 0
        assert quota.reset_after >= 0
    assert speaks_of_quota(name)


def test_other_fields_are_not_looked_at() -> None:
    """The common case is told by names alone."""
    assert not any(speaks_of_quota(name) for name in ("etag", "date", "retry-after", "x-limit"))
