"""A caller's own conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.preconditions import as_not_modified, is_conditional, not_modified
from tests.support.cached_answers import DATE, DAY_BEFORE, HOUR_LATER, T0, answer


@pytest.mark.parametrize(
    ("stored", "asked", "expected"),
    [
        ([("etag", '"1"')], [("if-none-match", '"1"')], True),
        ([("etag", '"1"')], [("if-none-match", 'W/"1"')], True),
        ([("etag", 'W/"1"')], [("if-none-match", '"1"')], True),
        ([("etag", '"1"')], [("if-none-match", '"2", "1"')], True),
        ([("etag", '"1"')], [("if-none-match", '"2"'), ("if-none-match", '"1"')], True),
        ([("etag", '"a,b"')], [("if-none-match", '"x", "a,b"')], True),
        ([("etag", '"1"')], [("if-none-match", "*")], True),
        ([], [("if-none-match", "*")], True),
        ([], [("if-none-match", '"1"')], False),
        ([("etag", '"1"')], [("if-none-match", '"2"'), ("if-modified-since", HOUR_LATER)], False),
        ([("last-modified", DAY_BEFORE)], [("if-modified-since", DAY_BEFORE)], True),
        ([("last-modified", DAY_BEFORE)], [("if-modified-since", DATE)], True),
        ([("last-modified", DATE)], [("if-modified-since", DAY_BEFORE)], False),
        ([], [("if-modified-since", DATE)], True),
        ([], [("if-modified-since", DAY_BEFORE)], False),
        ([], [("if-modified-since", "x")], False),
        ([], [], False),
    ],
)
def test_4_3_2_conditions(
    stored: list[tuple[str, str]], asked: list[tuple[str, str]], *, expected: bool
) -> None:
    """Tags come first and are compared weakly; without a date of change the answer's own counts."""
    assert not_modified(answer(*stored), Headers(asked)) is expected
    assert is_conditional(Headers(asked)) is bool(asked)


def test_4_3_2_other_statuses_are_not_conditional() -> None:
    """There is no representation to compare."""
    assert not not_modified(answer(("etag", '"1"'), status=404), Headers((("if-none-match", "*"),)))


def test_rfc9110_15_4_5_a_304_carries_what_the_caller_may_update() -> None:
    """Validators, freshness and Vary; no body and nothing about it."""
    fields = [("etag", '"1"'), ("cache-control", "max-age=1"), ("content-type", "x"), ("vary", "a")]
    found = as_not_modified(answer(*fields))
    assert (found.status, found.body, found.received_at) == (304, b"", T0)
    assert {name for name, _ in found.headers} == {"etag", "cache-control", "vary", "date"}


@given(tags=st.text(max_size=40), tag=st.text(max_size=10), since=st.text(max_size=40))
def test_no_field_value_makes_a_rule_raise(tags: str, tag: str, since: str) -> None:
    """Whatever a caller or an upstream sends."""
    stored = answer(("etag", tag))
    not_modified(stored, Headers((("if-none-match", tags),)))
    not_modified(stored, Headers((("if-modified-since", since),)))
