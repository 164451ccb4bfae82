"""Which request an answer belongs to."""

import pytest

from domain.headers import Headers
from domain.http_caching.vary import varies_on_everything, vary_key


@pytest.mark.parametrize(
    ("vary", "one", "other", "same"),
    [
        ("accept", [("accept", "a, b")], [("accept", "a,  b ")], True),
        ("accept", [("accept", "a, b")], [("accept", "a"), ("accept", "b")], True),
        ("Accept", [("accept", "a")], [("ACCEPT", "a")], True),
        ("accept", [("accept", "a")], [("accept", "b")], False),
        ("accept", [("accept", "")], [], False),
        ("accept", [("other", "a")], [("other", "b")], True),
        ("a, b", [("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], True),
        ("a, b", [("a", "1")], [("b", "1")], False),
        ("a, b", [("a", "1:b")], [("a", "1"), ("b", "")], False),
    ],
)
def test_4_1_vary(
    vary: str, one: list[tuple[str, str]], other: list[tuple[str, str]], *, same: bool
) -> None:
    """Requests are alike when the named fields are, whatever their spacing, lines and order."""
    fields = Headers([("vary", vary)])
    assert (vary_key(fields, Headers(one)) == vary_key(fields, Headers(other))) is same


@pytest.mark.parametrize("fields", [["*"], ["*, *"], ["*", "*"], ["", "*"], [", *"], ["a, *"]])
def test_4_1_a_star_anywhere_in_vary_matches_nothing(fields: list[str]) -> None:
    """Alone, repeated, or as a member of a list."""
    assert varies_on_everything(Headers([("vary", value) for value in fields]))
