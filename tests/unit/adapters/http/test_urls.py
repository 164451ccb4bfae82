"""Addresses as they may be stored and shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.urls import scrubbed_url


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


@pytest.mark.parametrize("url", ["?" + "token" * 20_000, "?&;" * 30_000, "//" + "@" * 99_999])
def test_long_hostile_addresses_cost_little(url: str) -> None:
    """No pattern looks at a character more often than its length allows."""
    scrubbed_url(url)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_can_be_shown(url: str) -> None:
    """The result can be written as UTF-8 and is a fixed point."""
    shown = scrubbed_url(url)
    shown.encode()

    assert scrubbed_url(shown) == shown
