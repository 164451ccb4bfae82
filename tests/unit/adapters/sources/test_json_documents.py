"""JSON from strangers is read exactly, or refused with a few words."""

import codecs
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.json_documents import (
    MAX_DEPTH,
    decode,
    encode,
    flag,
    read_document,
    text,
)
from domain.errors import ParseError

REFUSED = {
    b"": "empty",
    b" \n": "empty",
    b"<!doctype html><title>Just a moment</title>": "markup, not JSON",
    b"not found": "not JSON",
    b'{"a": 1': "not JSON",
    b'{"a": 1} trailing': "more than one JSON value",
    b'{"a": 1}\n{"a": 2}': "one JSON value a line (NDJSON)",
    b"[1]\r\n[2]\r\n": "one JSON value a line (NDJSON)",
    b"1\n2": "more than one JSON value",
    b'{"a": NaN}': "not JSON",
    b'{"a": Infinity}': "not JSON",
    b'{"a": 1e999}': "a number is out of range",
    b'{"a": -1e999}': "a number is out of range",
    b"1" * 5_000_000: "a number is out of range",
    b'{"a": "\xff"}': "not UTF-8",
    b"[" * 100_000: "nested deeper than 128 levels",
    b"[" * 1_000 + b"]" * 1_000: "nested deeper than 128 levels",
    b'{"a":' * 129 + b"1" + b"}" * 129: "nested deeper than 128 levels",
    '{"a": 1}'.encode("utf-16"): "not JSON",
    b"'single'": "not JSON",
    b"{'a': 1}": "not JSON",
    b'{"a": 01}': "not JSON",
}


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: repr(body[:20]))
def test_f069_f070_f072_f074_f079_what_is_not_json_is_refused_in_a_few_words(body: bytes) -> None:
    """The reason does not depend on the content, so that failures can be counted by it."""
    with pytest.raises(ParseError) as caught:
        decode(body)
    assert str(caught.value) == REFUSED[body]


def test_f071_integers_are_exact_however_long() -> None:
    """Token ids and wei do not pass through a float."""
    assert decode(b"123456789012345678901234567890123456789012345678901234567890") == int(
        "123456789012345678901234567890123456789012345678901234567890"
    )


@pytest.mark.parametrize("sent", ["1.10", "1E5", "-0.0", "1.18E-5", "0.1000000000000000055511151"])
def test_f083_other_numbers_keep_their_text(sent: str) -> None:
    """What the upstream wrote is what is stored, inside of objects too."""
    assert text(decode(sent.encode())) == sent
    assert encode(decode(f'{{"a":[{sent}]}}'.encode())) == f'{{"a":[{sent}]}}'


def test_f076_halves_of_surrogate_pairs_are_replaced_and_flagged() -> None:
    """One broken escape does not cost the document, and whole pairs and backslashes stay."""
    body = rb'{"a": "\ud800 \udfff", "b": "\ud83d\ude00", "c": "\\ud800"}'
    expected = {"a": "\ufffd \ufffd", "b": "\N{GRINNING FACE}", "c": "\\ud800"}
    assert read_document(body)[:2] == (expected, True)
    assert not read_document(rb'{"b": "\ud83d\ude00", "c": "\\ud800"}').mended


def test_f073_of_two_members_with_one_name_the_last_counts() -> None:
    """As every parser in use does it."""
    assert decode(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


def test_f075_a_document_of_its_full_size_is_read() -> None:
    """Pictures inside of documents are megabytes of text; objects may have many members."""
    picture = "data:image/svg+xml;base64," + "A" * 4_900_000
    assert decode(json.dumps({"image": picture}).encode()) == {"image": picture}
    many = {str(number): number for number in range(300_000)}
    assert decode(json.dumps(many).encode()) == many


def test_f077_control_characters_and_directions_stay_in_names() -> None:
    """What is stored is what was sent; who shows it escapes it."""
    name = "a\x00b\u202ec\x1b[31md\u200be"
    assert decode(json.dumps({"name": name}).encode()) == {"name": name}


def test_f078_a_byte_order_mark_is_passed_over() -> None:
    """Some hosts save documents with one."""
    assert decode(codecs.BOM_UTF8 + b"{}") == {}


@pytest.mark.parametrize("charset", ["utf-16", "ISO-8859-1", '"windows-1252"'])
def test_f078_another_charset_counts_when_it_is_named(charset: str) -> None:
    """UTF-8 is tried first, then what the media type says."""
    body = '{"name": "Café"}'.encode(charset.strip('"'))
    assert decode(body, f"application/json; charset={charset}") == {"name": "Café"}


@pytest.mark.parametrize("charset", ["zlib", "unicode-escape", "nonsense", "utf-8", "idna", ""])
def test_f078_no_other_codec_is_tried(charset: str) -> None:
    """A header cannot pick a decompressor or an unknown codec."""
    with pytest.raises(ParseError):
        decode(b'{"a": "\xe9"}', f"application/json; charset={charset}")


def test_f074_brackets_in_strings_do_not_nest() -> None:
    """Only structure counts as depth."""
    for inner in ("[" * 500, '\\"' + "[" * 500, "\\\\", "{" * 200):
        assert decode(f'["{inner}"]'.encode())
    assert decode(b'"' + b"[" * 500 + b'"') == "[" * 500


def test_f074_the_deepest_allowed_document_is_read() -> None:
    """The limit is where it is said to be."""
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_are_read_or_refused(body: bytes, charset: str) -> None:
    """Nothing but ParseError comes out."""
    with suppress(ParseError):
        decode(body, f"text/plain; charset={charset}")


_VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(-1e300, 1e300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(_VALUES)
def test_every_json_value_comes_back(value: object) -> None:
    """Reading what the standard library wrote gives an equal value."""
    assert decode(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), ("", None), (7, "7"), (True, None), (None, None), ([], None), ({}, None)],
)
def test_text_columns_take_text_and_numbers(value: object, expected: str | None) -> None:
    """Anything else, and the empty text, is null."""
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (False, False), (1, None), ("true", None), (None, None)]
)
def test_boolean_columns_take_booleans(value: object, expected: bool | None) -> None:
    """Anything else is null."""
    assert flag(value) is expected


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH])
@pytest.mark.parametrize("named", ['"a" :{},"a": 1', '"b": "[{{", "a":{}', '"b": "\\"[", "a":{}'])
def test_f074_depth_is_found_among_texts_and_replaced_members(named: str, depth: int) -> None:
    """Also where the value that is left is flat, and where brackets stand in texts."""
    nested = "[" * depth + "]" * depth
    body = ("{" + named.format(nested) + "}").encode()
    if depth < MAX_DEPTH:
        assert decode(body)
    else:
        with pytest.raises(ParseError, match="nested deeper"):
            decode(body)
