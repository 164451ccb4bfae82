"""What a request asks of caches."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.request_directives import NONE, RequestDirectives, request_directives


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], NONE),
        ([("cache-control", "")], NONE),
        ([("cache-control", "No-Cache")], RequestDirectives(no_cache=True)),
        ([("cache-control", "no-store")], RequestDirectives(no_store=True)),
        ([("cache-control", "only-if-cached")], RequestDirectives(only_if_cached=True)),
        ([("cache-control", "max-age=5")], RequestDirectives(max_age=5)),
        ([("cache-control", "max-age=x")], RequestDirectives(max_age=0)),
        ([("cache-control", "min-fresh=5")], RequestDirectives(min_fresh=5)),
        ([("cache-control", "max-stale=5")], RequestDirectives(max_stale=5)),
        ([("cache-control", "max-stale")], RequestDirectives(max_stale=inf)),
        ([("cache-control", "max-stale=x")], NONE),
        ([("pragma", "x, No-Cache")], RequestDirectives(no_cache=True)),
        ([("pragma", "no-cache"), ("cache-control", "max-age=5")], RequestDirectives(max_age=5)),
    ],
)
def test_5_2_1_request_directives(
    fields: list[tuple[str, str]], expected: RequestDirectives
) -> None:
    """What cannot be read asks for the most cautious."""
    assert request_directives(Headers(fields)) == expected


@given(text=st.text(max_size=60))
def test_no_field_value_makes_a_rule_raise(text: str) -> None:
    """Whatever a caller writes."""
    request_directives(Headers((("cache-control", text),)))
    request_directives(Headers((("pragma", text),)))
