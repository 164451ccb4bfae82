"""What an unsafe request makes doubtful."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.invalidation import invalidated_urls, is_same_resource, same_origin

URL = "https://a.example/x/y?z=1"


@pytest.mark.parametrize(
    ("method", "status", "fields", "expected"),
    [
        ("POST", 200, [], [URL]),
        ("PUT", 204, [], [URL]),
        ("M-SEARCH", 302, [], [URL]),
        ("GET", 200, [], []),
        ("HEAD", 200, [], []),
        ("OPTIONS", 200, [], []),
        ("POST", 400, [], []),
        ("POST", 500, [], []),
        ("POST", 201, [("location", "z")], [URL, "https://a.example/x/z"]),
        ("POST", 201, [("location", "/z#f")], [URL, "https://a.example/z"]),
        ("POST", 201, [("content-location", "https://A.example:443/z")],
         [URL, "https://A.example:443/z"]),
        ("POST", 201, [("location", "https://b.example/z")], [URL]),
        ("POST", 201, [("location", "http://a.example/z")], [URL]),
        ("POST", 201, [("location", "https://a.example:8443/z")], [URL]),
        ("POST", 201, [("location", "https://[")], [URL]),
        ("POST", 201, [("location", "https://a.example:x/")], [URL]),
    ],
)  # fmt: skip
def test_4_4_invalidated_addresses(
    method: str, status: int, fields: list[tuple[str, str]], expected: list[str]
) -> None:
    """The target and what the answer names on its origin, when nothing failed."""
    assert list(invalidated_urls(method, URL, status, Headers(fields))) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (URL, True),
        ("/x/y?z=1", True),
        ("", True),
        ("/x/y", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_rfc9110_8_7_content_location_of_the_address_itself(
    value: str | None, *, expected: bool
) -> None:
    """Resolved against the address."""
    fields = Headers(() if value is None else (("content-location", value),))
    assert is_same_resource(URL, fields) is expected


@given(one=st.text(max_size=40), other=st.text(max_size=40))
def test_no_address_makes_a_rule_raise(one: str, other: str) -> None:
    """Whatever an upstream names; no address has no origin to share."""
    invalidated_urls("POST", one, 201, Headers((("location", other),)))
    is_same_resource(one, Headers((("content-location", other),)))
    assert not same_origin("", other)
