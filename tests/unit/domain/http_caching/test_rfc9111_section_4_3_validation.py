"""Asking whether an answer is current."""

import pytest

from domain.headers import Headers
from domain.http_caching.freshness import (
    is_fresh,
)
from domain.http_caching.validation import conditions, freshened, is_confirmed
from tests.support.cached_answers import DAY_BEFORE, HOUR_LATER, T0, answer


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("etag", '"1"')], [("if-none-match", '"1"')]),
        ([("etag", 'W/"1"')], [("if-none-match", 'W/"1"')]),
        ([("etag", "unquoted")], [("if-none-match", "unquoted")]),
        ([("last-modified", DAY_BEFORE)], [("if-modified-since", DAY_BEFORE)]),
        (
            [("etag", '"1"'), ("last-modified", DAY_BEFORE)],
            [("if-none-match", '"1"'), ("if-modified-since", DAY_BEFORE)],
        ),
        ([("etag", '"1"'), ("etag", '"2"')], []),
        ([("etag", '"1"\r\nx-injected: 1')], []),
        ([("etag", "")], []),
        ([("last-modified", "yesterday")], []),
        ([], []),
    ],
)
def test_4_3_1_conditional_fields(
    fields: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Both validators where both are known and fit to be sent."""
    assert list(conditions(answer(*fields))) == expected


@pytest.mark.parametrize(
    ("known", "named", "confirmed"),
    [
        ('"1"', '"1"', True),
        ('W/"1"', '"1"', True),
        ('"1"', 'W/"1"', True),
        ('"1"', '"2"', False),
        ('"1"', None, True),
        (None, '"1"', True),
    ],
)
def test_4_3_4_a_304_speaks_of_the_answer_with_its_tag(
    known: str | None, named: str | None, *, confirmed: bool
) -> None:
    """Tags are compared weakly; a 304 with another tag confirms nothing."""
    stored = answer(*([("etag", known)] if known else []))
    fields = Headers([("etag", named)] if named else [])
    assert is_confirmed(stored, fields) is confirmed


def test_3_2_a_304_updates_the_stored_fields() -> None:
    """Its fields replace the stored ones; what describes the stored body stays, times move on."""
    stored = answer(
        ("cache-control", "max-age=1"),
        ("content-encoding", "gzip"),
        ("content-length", "2"),
        ("x-old", "kept"),
        ("x-both", "old"),
        ("age", "500"),
        ("x-once", "stored"),
    )
    not_modified = Headers(
        [
            ("cache-control", "max-age=3600"),
            ("content-encoding", "br"),
            ("content-length", "0"),
            ("x-both", "new"),
            ("x-both", "newer"),
            ("connection", "x-once"),
            ("x-once", "hop"),
            ("date", HOUR_LATER),
        ]
    )
    current = freshened(stored, not_modified, T0 + 3599, T0 + 3600)

    assert dict(current.headers) == {
        "cache-control": "max-age=3600",
        "content-encoding": "gzip",
        "content-length": "2",
        "x-old": "kept",
        "x-both": "newer",
        "x-once": "stored",
        "date": HOUR_LATER,
    }
    assert current.headers.get_all("x-both") == ["new", "newer"]
    assert (current.requested_at, current.received_at) == (T0 + 3599, T0 + 3600)
    assert (current.body, current.body_received_at) == (stored.body, T0)
    assert is_fresh(current, T0 + 7000)
