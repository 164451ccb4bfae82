"""Usual metadata documents are read quickly, and say what the careful reader says."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.sources.json_documents import read_document
from adapters.sources.nft.nft_records import described, described_as_usual
from adapters.sources.nft.usual_documents import read_usual

LISTED = ["slug", "0xa", "base", "1", *[None] * 9]
_PLAIN = [{"trait_type": "Hat", "value": "Fez"}]


def _body(attributes: Any, **members: Any) -> bytes:
    return json.dumps({"name": "One", **members, "attributes": attributes}).encode()


@pytest.mark.parametrize(
    ("attributes", "rows"),
    [
        (_PLAIN, [("Hat", "Fez", None, None, None)]),
        (
            [*_PLAIN, {"trait_type": "Power", "value": 7, "display_type": "number"}],
            [("Hat", "Fez", None, None, None), ("Power", "7", 7.0, "number", None)],
        ),
        (
            [{"trait_type": "Born", "value": "1700000000000", "display_type": "date"}],
            [("Born", "1700000000000", 1_700_000_000.0, "date", None)],
        ),
        (
            [{"value": 1 << 300, "max_value": 1 << 301, "trait_type": ""}],
            [("", str(1 << 300), float(1 << 300), None, str(1 << 301))],
        ),
        (
            [{"trait_type": "x", "value": None, "display_type": "", "max_value": None}],
            [("x", None, None, None, None)],
        ),
        ([{"trait_type": "x", "value": True}], [("x", "true", None, None, None)]),
    ],
)
def test_a_usual_document_is_read_quickly(attributes: Any, rows: list[tuple[Any, ...]]) -> None:
    """Whatever its traits say of themselves."""
    usual = read_usual(_body(attributes, edition=3, dna=None, nice=True))

    assert usual is not None
    page = described_as_usual(LISTED, usual)
    assert page.records["traits"] == [
        ("slug", "0xa", "1", position, *row) for position, row in enumerate(rows)
    ]
    assert page.records["nfts"] == [(*LISTED[:4], "One", *LISTED[5:], "ok", len(rows))]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xef\xbb\xbf" + _body(_PLAIN),
        b"[" * 100_000,
        _body([]),
        _body("text"),
        _body(_PLAIN, name="\ud800"),
        _body(_PLAIN, edition=1.5),
        _body(_PLAIN, properties={"a": 1}),
        _body(_PLAIN, traits=_PLAIN),
        _body(_PLAIN, traits=[]),
        _body([{"trait_type": "a"}]),
        _body([{"trait_type": "a", "value": 1.0}]),
        _body([{"trait_type": "a", "value": ["b"]}]),
        _body([{"trait_type": "a", "value": "b", "more": 1}]),
        _body(_PLAIN * 1_001),
        _body(_PLAIN, description="x" * 1_000_001),
        _body(_PLAIN, **{f"m{number}": number for number in range(1_000)}),
        _body(_PLAIN, description='a member": of a text'),
        b'{"name": "a", "name": "b", "attributes": [{"trait_type": "a", "value": "b"}]}',
        b'{"attributes": [{"trait_type": "a", "value": "b", "value": "c"}]}',
        b'{"attributes": [1], "attributes": [{"trait_type": "a", "value": "b"}]}',
    ],
)
def test_any_other_document_is_left_to_the_careful_reader(body: bytes) -> None:
    """Also one whose members cannot be told apart for certain."""
    assert read_usual(body) is None


_SCALARS = st.sampled_from(
    [
        *(
            '"a"',
            '""',
            '"1e3"',
            r'"\u0041"',
            r'"a\":"',
            r'"\ud800"',
            '"é"',
            "null",
            "true",
            "false",
        ),
        *("0", "-0", "7", "1.0", "1e2", "1e999", "9" * 400, "9" * 5_000, "[]", "{}", "[1]"),
        *('"number"', '"date"', "1700000000000", '{"value": 1}'),
    ]
)
_COLONS = st.sampled_from([":", ":", ": ", " :"])


def _objects(names: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    named = [st.tuples(st.just(f'"{name}"'), _COLONS, values).map("".join) for name in names]
    return st.lists(st.one_of(named), max_size=6).map(lambda each: "{" + ",".join(each) + "}")


_TRAITS = _objects(
    ["trait_type", "value", "display_type", "max_value", r"trait\u005ftype", "name"], _SCALARS
)
_USUAL = st.tuples(_SCALARS, _SCALARS).map('{{"trait_type":{0[0]},"value":{0[1]}}}'.format)
_LISTS = st.lists(_USUAL | _TRAITS, max_size=4).map(lambda each: f"[{','.join(each)}]")
_DOCUMENTS = _objects(["attributes", "name", "image", "title", "traits"], _LISTS | _SCALARS)


@settings(max_examples=300)
@given(_DOCUMENTS)
@example('{"attributes":[{"trait_type" :"a","value":"b","display_type":"date"}]}')
@example('{"attributes":[{"trait_type":"a","value":"b"}],"name":1,"name" :"\\":"}')
def test_the_quick_reader_says_what_the_careful_one_says(document: str) -> None:
    """To the type of each value, and nothing of a document about which there is more to say."""
    body = document.encode()
    if (usual := read_usual(body)) is not None:
        careful = described(LISTED, read_document(body))
        assert repr(described_as_usual(LISTED, usual)) == repr(careful)
