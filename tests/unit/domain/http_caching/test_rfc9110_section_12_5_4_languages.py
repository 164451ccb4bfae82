"""Which languages a request wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.http_caching.languages import best_language, normalised_languages


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("en, de", "de, en", True),
        ("en, de", "eN,De", True),
        ("en, de", " en ,   de", True),
        ("en;q=1.0", "en", True),
        ("en;q=0.5", "en ; q=0.500", True),
        ("en;q=0.5", "en", False),
        ("en", "en-US", False),
        ("en", "", False),
    ],
)
def test_12_5_4_spelling_does_not_count(one: str, other: str, *, same: bool) -> None:
    """Order, case, white space and the form of weights."""
    assert (normalised_languages(one) == normalised_languages(other)) is same


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("fr;q=0.5, de;q=1.0", "de"),
        ("de", "de"),
        ("DE-at, de;q=0.9", "de-at"),
        ("en, de", None),
        ("*", None),
        ("*, de", None),
        ("de;q=0", None),
        ("", None),
    ],
)
def test_12_5_4_the_one_language_wanted_most(field: str, expected: str | None) -> None:
    """Where there is one."""
    assert best_language(field) == expected


@given(text=st.text(max_size=60))
def test_no_field_value_makes_a_rule_raise(text: str) -> None:
    """Whatever a caller writes."""
    best_language(text)
    normalised_languages(text)
