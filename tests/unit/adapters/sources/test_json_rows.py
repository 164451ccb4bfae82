"""Lists of flat objects are read quickly, and as any other document is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.json_documents import read_document
from adapters.sources.json_rows import read_rows

_ROW = {"a": "x", "b": 1 << 70, "c": None, "d": True}


@pytest.mark.parametrize("value", [{}, {"rows": [_ROW, {}, _ROW], "next": None, "more": []}])
def test_rows_are_read_quickly(value: Any) -> None:
    """With all that stands beside them."""
    read = read_rows(json.dumps(value).encode())

    assert read is not None
    assert read.value == value


_WIDE = {str(number): number for number in range(1_001)}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"5", b"{", b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}', b"[" * 100_000),
        *(b'{"a":1.5}', b'{"a":{}}', b'{"a":[1]}', b'{"a":[[]]}', b'{"a":[{"b":[]}]}'),
        *(b'{"a":1,"a":2}', b'{"a":[{"b":1,"b":2}]}', b'{"a":[{"b":1}],"a":2}'),
        *(b'{"a" : 1}', rb'{"a":"\":"}', rb'{"a":"\ud800"}'),
        *(json.dumps(_WIDE).encode(), json.dumps({"a": [_WIDE]}).encode()),
    ],
)
def test_all_else_is_left_to_the_careful_reader(body: bytes) -> None:
    """Also what is not certain."""
    assert read_rows(body) is None


_SCALARS = st.sampled_from(
    ["0", "-0", "9" * 30, "9" * 5_000, "1.5", "true", "null", '"a"', r'"\":"', r'"\ud83d"', "[1]"]
)
_NAMES = st.sampled_from(['"a":', '"a" :', r'"\u0061":', '"b":', '"b": '])


def _objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(_NAMES, values).map("".join), max_size=3)
    return members.map(lambda each: "{" + ",".join(each) + "}")


_LISTS = st.lists(_objects(_SCALARS), max_size=3).map(lambda each: f"[{','.join(each)}]")


@given(_objects(_LISTS | _SCALARS))
def test_what_is_read_quickly_is_what_the_careful_reader_reads(document: str) -> None:
    """To the type of each value."""
    body = document.encode()
    if (read := read_rows(body)) is not None:
        assert repr(read) == repr(read_document(body))
