"""Addresses and texts as they may be stored and shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scrubbing import is_secret_name, scrubbed_text, scrubbed_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/a?b=1", "https://x.example/a?b=1"),
        ("https://user:pw@x.example/a", "https://x.example/a"),
        ("https://x.example/a@b?c=d@e", "https://x.example/a@b?c=d@e"),
        ("//user@x.example/", "//x.example/"),
        ("?APIKEY=2&api-key=3&x_api_key=4", "?APIKEY=***&api-key=***&x_api_key=***"),
        ("?accessToken=1&token=2&a=3", "?accessToken=***&token=***&a=3"),
        ("?X-Amz-Credential=1&X-Amz-Signature=2", "?X-Amz-Credential=***&X-Amz-Signature=***"),
        ("?key=1&monkey=2&client_secret=3;auth=4", "?key=***&monkey=2&client_secret=***;auth=***"),
        ("?sig=2&password=#token=1", "?sig=***&password=***#token=1"),
        ("", ""),
    ],
)  # fmt: skip
def test_f121_secrets_are_masked(url: str, expected: str) -> None:
    """User names, passwords, and the values of parameters that are named like secrets."""
    assert scrubbed_url(url) == expected


@pytest.mark.parametrize(
    "url",
    ["?" + "token" * 20_000, "?&;" * 30_000, "//" + "@" * 99_999, "?" * 99_999, "a=" * 50_000],
)
def test_long_hostile_addresses_cost_little(url: str) -> None:
    """No pattern looks at a character more often than its length allows."""
    scrubbed_url(url)
    scrubbed_text(url)


def test_f121_text_is_masked_as_addresses_are() -> None:
    """One list of names serves both; the rest of the text stays."""
    text = "GET https://u:p@x.example/a?accessToken=1&b=2 'x-api-key': 'abc' keyed"
    assert scrubbed_text(text) == (
        "GET https://***@x.example/a?accessToken=***&b=2 'x-api-key': '***' keyed"
    )
    assert is_secret_name("X-Api-Key")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_can_be_shown(url: str) -> None:
    """The result can be written as UTF-8 and is a fixed point."""
    shown = scrubbed_url(url)
    shown.encode()

    assert scrubbed_url(shown) == shown
