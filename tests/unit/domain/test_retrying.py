from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.retrying import LONGEST_RETRY_AFTER, Backoff, parse_retry_after, server_time

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
EPOCH = NOW.timestamp()


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("1000000000", LONGEST_RETRY_AFTER),
        ("9" * 10_000, LONGEST_RETRY_AFTER),
        ("-1", None),
        ("abc", None),
        ("", None),
        ("1.", None),
        ("٣", None),
        ("x" * 10_000, None),
    ],
)
def test_f053_seconds_are_read_clamped_or_passed_over(text: str, expected: float | None) -> None:
    """Whatever stands in Retry-After, the wait is between 0 and a day, or none."""
    assert parse_retry_after(Headers([("Retry-After", text)]), EPOCH) == expected


def test_f053_of_two_fields_the_longer_wait_holds() -> None:
    """A repeated field does not join into garbage."""
    headers = Headers([("Retry-After", "5"), ("Retry-After", "10"), ("Retry-After", "soon")])
    assert parse_retry_after(headers, EPOCH) == 10.0


@pytest.mark.parametrize("skew", [timedelta(days=-1), timedelta(), timedelta(days=1)])
def test_f052_a_date_counts_from_the_server_s_own_clock(skew: timedelta) -> None:
    """A clock that is wrong by a day, theirs or ours, does no harm."""
    there = NOW + skew
    headers = Headers(
        [("Date", http_date(there)), ("Retry-After", http_date(there + timedelta(seconds=42)))]
    )
    assert parse_retry_after(headers, EPOCH) == 42.0


def test_f052_a_date_in_the_past_says_nothing() -> None:
    """The ordinary backoff takes over."""
    headers = Headers(
        [("Date", http_date(NOW)), ("Retry-After", http_date(NOW - timedelta(hours=1)))]
    )
    assert parse_retry_after(headers, EPOCH) is None


def test_f052_a_date_counts_from_now_without_a_date_field() -> None:
    """Our own clock is the next best."""
    headers = Headers([("Retry-After", http_date(NOW + timedelta(seconds=30)))])
    assert parse_retry_after(headers, EPOCH) == 30.0


def test_server_time_falls_back_to_ours() -> None:
    """A Date that is none is passed over."""
    assert server_time(Headers([("date", "yesterday")]), 5.0) == 5.0
    assert server_time(Headers([("date", http_date(NOW))]), 5.0) == EPOCH


def test_retry_after_beyond_the_patience_gives_up() -> None:
    """No run sleeps because an upstream says a day."""
    backoff = Backoff(patience=30.0)
    assert backoff.wait(1, 31.0, 0.5) is None
    assert backoff.wait(1, 30.0, 0.0) == pytest.approx(30.05)


def test_f066_full_jitter_spreads_over_the_window() -> None:
    """Many callers that failed together come back over at least 80 % of the window."""
    backoff = Backoff(base=1.0)
    waits = sorted(backoff.wait(3, None, number / 19) or 0.0 for number in range(20))
    assert waits[-1] - waits[0] >= 0.8 * 4.0


@settings(deadline=None, max_examples=200)
@given(
    failures=st.integers(1, 10_000),
    retry_after=st.none() | st.floats(0, 120),
    chance=st.floats(0, 1),
)
def test_waits_stay_within_their_bounds(
    failures: int, retry_after: float | None, chance: float
) -> None:
    """Never earlier than asked, never later than asked plus the longest backoff."""
    backoff = Backoff()
    wait = backoff.wait(failures, retry_after, chance)
    assert wait is not None
    asked = retry_after or 0.0
    assert asked + backoff.shortest <= wait + 1e-9
    assert wait <= asked + backoff.longest + 1e-9


@settings(deadline=None, max_examples=300)
@given(text=st.text(max_size=80), date=st.none() | st.text(max_size=40))
def test_any_text_is_a_wait_or_nothing(text: str, date: str | None) -> None:
    """Hostile fields never raise."""
    fields = [("retry-after", text)] + ([("date", date)] if date is not None else [])
    wait = parse_retry_after(Headers(fields), EPOCH)
    assert wait is None or 0 <= wait <= LONGEST_RETRY_AFTER
