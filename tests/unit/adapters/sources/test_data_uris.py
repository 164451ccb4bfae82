"""Documents inside their address."""

import base64
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.nft.data_uris import is_data_uri, read_data_uri
from domain.errors import ParseError
from domain.requests import METADATA_BYTES

DOCUMENT = '{"name":"100% Café #1","attributes":[]}'
EXPECTED = {"name": "100% Café #1", "attributes": []}
ENCODED = base64.b64encode(DOCUMENT.encode()).decode()
READABLE = [
    f"data:application/json;base64,{ENCODED}",
    f"DATA:application/json;charset=utf-8;base64,{ENCODED}",
    f"data:application/json;base64,{ENCODED.rstrip('=')}",
    f"data:application/json;base64,{quote(ENCODED)}",
    f"data:application/json;base64,{ENCODED[:20]}\n {ENCODED[20:]}",
    f"data:;base64,{base64.urlsafe_b64encode(DOCUMENT.encode()).decode()}",
    f"data:application/json;utf8,{DOCUMENT}",
    f"data:application/json;utf8, {DOCUMENT}",
    f"data:application/json;utf8,{quote(DOCUMENT)}",
    f"data:application/json,{quote(DOCUMENT, safe='{}')}",
    f"data:,{quote(DOCUMENT)}",
    f"data:text/plain;charset=utf-8,{DOCUMENT}",
]
UNREADABLE = {
    "data:": "a data URI without a comma",
    "data:application/json;base64": "a data URI without a comma",
    "data:application/json;base64,e30!": "a data URI with broken base64",
    "data:application/json;base64,e": "a data URI with broken base64",
    "data:application/json;base64,": "empty",
    "data:image/svg+xml;utf8,<svg/>": "markup, not JSON",
    "data:,%7B%7B": "not JSON",
    "data:," + "1" * (METADATA_BYTES + 1): f"a data URI larger than {METADATA_BYTES} bytes",
    "data:;base64," + "A" * 3 * METADATA_BYTES: f"a data URI larger than {METADATA_BYTES} bytes",
}


@pytest.mark.parametrize("uri", READABLE, ids=lambda uri: uri[:40])
def test_f045_reads_every_way_to_write_one(uri: str) -> None:
    """Base64 with and without padding, raw and percent-encoded text."""
    assert is_data_uri(uri)
    assert read_data_uri(uri).value == EXPECTED


def test_raw_json_is_not_percent_decoded() -> None:
    """In raw JSON an embedded picture keeps its own escapes."""
    uri = """data:application/json;utf8,{"image":"data:image/svg+xml,%3Csvg%20fill='%23fff'/%3E"}"""
    assert read_data_uri(uri).value == {"image": "data:image/svg+xml,%3Csvg%20fill='%23fff'/%3E"}


def test_a_charset_that_is_named_counts() -> None:
    """Latin-1 documents exist."""
    body = base64.b64encode('{"name":"Café"}'.encode("latin-1")).decode()
    assert read_data_uri(f"data:application/json;charset=iso-8859-1;base64,{body}").value == {
        "name": "Café"
    }


@pytest.mark.parametrize("uri", UNREADABLE, ids=lambda uri: uri[:40])
def test_f045_refuses_what_is_no_document(uri: str) -> None:
    """The reason is a few words."""
    with pytest.raises(ParseError) as caught:
        read_data_uri(uri)
    assert str(caught.value) == UNREADABLE[uri]


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_f045_any_text_is_read_or_refused(rest: str) -> None:
    """Nothing but ParseError comes out."""
    for head in ("data:", "data:,", "data:;base64,", "data:application/json;utf8,{"):
        with suppress(ParseError):
            read_data_uri(head + rest)
