"""Members without which an answer is read the same."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sources.drafting.unread import unread_members
from domain.recordings import recorded_response
from domain.requests import Response

AT = datetime(2026, 2, 3, tzinfo=UTC)


def unread(value: Any, read: Any) -> list[str]:
    answer = recorded_response(json.dumps(value).encode(), {}, AT)

    def decoded(given: Response) -> object:
        return read(json.loads(given.body))

    return [path for path, idle in unread_members(answer, decoded).items() if idle]


@pytest.mark.parametrize(
    ("value", "read", "expected"),
    [
        ({"a": 1, "b": 2}, lambda v: v.get("a"), ["b"]),
        ([{"a": 1}, {"a": 2, "b": 3}], lambda v: [each.get("a") for each in v], ["[].b"]),
        ({"a": {"b": 1, "c": 2}}, lambda v: v.get("a", {}).get("b"), ["a.c"]),
        ({"a": {"b": 1}}, lambda _v: 1, ["a"]),
        ({"a": None, "b": "", "c": [], "d": {}}, lambda _v: 1, []),
        ([[1, 2], [{"x": 1, "y": 2}]], lambda v: v[1][0].get("x"), ["[].[].y"]),
        ([1, 2], lambda _v: 1, []),
        ({"a": 1}, lambda _v: None, []),
    ],
)  # fmt: skip
def test_members_that_make_no_difference_are_found(
    value: Any, read: Any, expected: list[str]
) -> None:
    """Whole objects where nothing in them is read; nothing that is empty."""
    assert unread(value, read) == expected


def test_an_answer_that_is_no_json_has_no_members() -> None:
    """Other sources read XML and arrays of bytes."""
    answer = recorded_response(b"<xml/>", {}, AT)
    assert unread_members(answer, lambda _answer: 1) == {}
