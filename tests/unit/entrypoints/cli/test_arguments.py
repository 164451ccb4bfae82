"""Text from the command line becomes values, or a usage error; never anything else."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from entrypoints.cli.arguments import read_duration, read_moment, read_pairs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:30", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:05Z", datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)),
        ("2026-01-31 12:30+02:00", datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_utc(text: str, expected: datetime) -> None:
    """A date is its first moment."""
    assert read_moment(text, "--since") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30s", 30), ("5 m", 300), ("12H", 43_200), ("7d", 604_800), ("2w", 1_209_600)],
)
def test_durations_have_a_unit(text: str, expected: int) -> None:
    """Seconds to weeks."""
    assert read_duration(text, "--older-than") == timedelta(seconds=expected)


@given(st.text(max_size=30) | st.from_regex(r"\d{1,12}[smhdw]", fullmatch=True))
def test_any_text_is_a_value_or_a_usage_error(text: str) -> None:
    """Overflows, odd digits and offsets at the edge of time included."""
    for read in (read_moment, read_duration):
        with contextlib.suppress(UsageError):
            read(text, "--option")
    with contextlib.suppress(UsageError):
        read_pairs([text])


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_moments_at_the_edge_of_time_are_refused(text: str) -> None:
    """They have no UTC form."""
    with pytest.raises(UsageError):
        read_moment(text, "--since")


def test_values_may_hold_anything() -> None:
    """Only the first = counts."""
    assert read_pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
