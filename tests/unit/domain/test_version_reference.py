"""How versions are named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.version_reference import (
    MomentReference,
    RunReference,
    VersionNumber,
    read_version_reference,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("42", VersionNumber(42)),
        (" 0042 ", VersionNumber(42)),
        ("20260101", VersionNumber(20_260_101)),
        ("01m84m9dqn", RunReference("01M84M9DQN")),
        ("2026-01-31", MomentReference(datetime(2026, 1, 31, tzinfo=UTC))),
        ("2026-01-31T12:30", MomentReference(datetime(2026, 1, 31, 12, 30, tzinfo=UTC))),
        ("2026-01-31 12:30:00+02:00", MomentReference(datetime(2026, 1, 31, 10, 30, tzinfo=UTC))),
        ("2026-01-31T12:30Z", MomentReference(datetime(2026, 1, 31, 12, 30, tzinfo=UTC))),
        ("yesterday", MomentReference(NOW - timedelta(days=1))),
        ("2 days ago", MomentReference(NOW - timedelta(days=2))),
        ("an hour ago", MomentReference(NOW - timedelta(hours=1))),
        ("90 Minutes ago", MomentReference(NOW - timedelta(minutes=90))),
        ("newest", MomentReference(NOW)),
    ],
)
def test_numbers_runs_and_moments_are_told_apart(text: str, meant: object) -> None:
    """Digits are a number; a time without an offset is in UTC."""
    assert read_version_reference(text, NOW) == meant


@pytest.mark.parametrize(
    "text", ["", "2026-13-01", "2026-01-32", "#1", "../x", "2026-01-31T25:00", "x" * 27, "9" * 40,
             "999999 weeks ago"]
)  # fmt: skip
def test_anything_else_is_explained(text: str) -> None:
    """With all forms that there are."""
    with pytest.raises(UsageError, match="by its run"):
        read_version_reference(text, NOW)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    """It is a reference, or a usage error."""
    try:
        found = read_version_reference(text, NOW)
    except UsageError:
        return
    assert isinstance(found, VersionNumber | RunReference | MomentReference)
