"""Targets become file names: nothing but a slug passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.targets import check_slug


@pytest.mark.parametrize("good", ["dxterminal", "0n1-force", "a_b-c", "X" * 128])
def test_slugs_pass_in_lower_case(good: str) -> None:
    """A slug keeps its letters, digits, hyphens and underscores."""
    assert check_slug(good, "collection slug") == good.lower()


@pytest.mark.parametrize(
    "bad",
    ["", " ", "../x", "a/b", "a\\b", "/etc", ".", "..", "a'b", 'a"b', "a\0b", "a b", "-rf", "é",
     "dxtermin\u0430l", "x" * 129, "a%2e"],
)  # fmt: skip
def test_what_is_no_slug_is_refused(bad: str) -> None:
    """Paths, quotes, NUL, spaces, look-alike letters and overlong names are usage errors."""
    with pytest.raises(UsageError, match="is not a collection slug"):
        check_slug(bad, "collection slug")


@given(st.text())
def test_any_text_is_a_safe_slug_or_refused(text: str) -> None:
    """Whatever passes is safe as one file name."""
    try:
        slug = check_slug(text, "slug")
    except UsageError:
        return
    assert slug.isascii()
    assert not set(slug) & set("/\\.:\0 '\"%")
