"""What an error answer says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.error_excerpt import error_excerpt


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"errors": ["Slug not found", "second"]}', "Slug not found; second"),
        (b'{"errors": [{"message": "Slug not found"}]}', "Slug not found"),
        (b'{"errors": [], "detail": "Not found"}', "Not found"),
        (b'{"detail": [{"loc": ["x"], "message": "bad"}]}', "bad"),
        (b'{"message": "Expected an API key", "code": 1}', "Expected an API key"),
        (b'{"error": {"message": "over limit"}}', "over limit"),
        (b'"just text"', "just text"),
        (b'{"code": 7}', '{"code": 7}'),
        (b"<html><style>p{}</style><h1>Not\n  Found</h1></html>", "Not Found"),
        (b"plain\x1b[31m red\x00", "plain [31m red"),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        (b'{"message": "bad key 0123456789abcdef0123456789abcdef"}', "bad key ***"),
        (b'{"detail": "contract 0x' + b"ab" * 20 + b'"}', "contract 0x" + "ab" * 20),
        (b"", ""),
    ],
)
def test_the_message_is_found(body: bytes, expected: str) -> None:
    """In every shape that upstreams use; keys are masked, control characters gone."""
    assert error_excerpt(body) == expected


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"errors":' * 20_000, b"<" * 70_000, b"<script>" * 9000]
)
def test_hostile_bodies_are_only_text(body: bytes) -> None:
    """Depth and length cost nothing and raise nothing."""
    assert len(error_excerpt(body)) <= 200


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=500))
def test_any_body_gives_a_short_printable_line(body: bytes) -> None:
    """At most 200 printable characters, whatever was sent."""
    excerpt = error_excerpt(body)

    assert len(excerpt) <= 200
    assert excerpt.isprintable()
