"""Nothing in data may steer a terminal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from domain.terminal_text import printable


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    """Of all that Unicode has; line feeds and tabs stay."""
    left = [
        character
        for character in printable(text)
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"}
        or unicodedata.bidirectional(character)
        in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    ]

    assert set(left) <= {"\n", "\t"}


def test_letters_stay_and_the_rest_is_spelled_out() -> None:
    """So that it can be seen what was there."""
    assert printable("Zürich\t日本\n🎉") == "Zürich\t日本\n🎉"
    assert printable("\x1b[31m\u202e\u061c\u2028") == r"\x1b[31m\u202e\u061c\u2028"
