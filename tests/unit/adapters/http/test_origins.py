import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.origins import Origin, origin_of, shown
from domain.errors import PermanentError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.test/v1", ("https", "api.test", 443)),
        ("http://API.test", ("http", "api.test", 80)),
        ("https://api.test:8443/", ("https", "api.test", 8443)),
        ("http://[::1]:8080/", ("http", "::1", 8080)),
        ("https://user:pass@api.test/", ("https", "api.test", 443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: Origin) -> None:
    """RFC 6454 section 4."""
    assert origin_of(url) == expected


@pytest.mark.parametrize("url", ["", "/path", "http://", "http://[::1", "http://a:b/", "data:,x"])
def test_what_has_no_origin_is_an_error(url: str) -> None:
    """Never a crash."""
    with pytest.raises(PermanentError):
        origin_of(url)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=700))
def test_an_address_is_shown_on_one_short_line_of_ascii(text: str) -> None:
    """Terminal escapes, line breaks and endless addresses stay out of logs."""
    line = shown(f"https://a.test/{text}")
    assert line.rstrip("…").isascii()
    assert line.isprintable()
    assert len(line) <= 301


def test_passwords_and_keys_are_not_shown() -> None:
    """Wherever an address hides them."""
    line = shown("https://me:canary@a.test/x?api_key=canary&signature=canary")
    assert "canary" not in line
