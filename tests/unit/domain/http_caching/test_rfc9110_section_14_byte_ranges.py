"""Parts of answers."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.byte_ranges import ByteRange, combined, parse_range, part_of, sliced
from domain.http_caching.stored_response import StoredResponse
from tests.support.cached_answers import HOUR_LATER, answer

TAG = ("etag", '"1"')
BODY = b"0123456789"


def part(body: bytes, described: str, *fields: tuple[str, str]) -> StoredResponse:
    return answer(("content-range", described), *fields, status=206, body=body)


def asking(field: str) -> Headers:
    return Headers((("range", field),))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-1", ByteRange(0, 1)),
        ("Bytes= 0-1 ", ByteRange(0, 1)),
        ("bytes=5-", ByteRange(5)),
        ("bytes=-5", ByteRange(suffix=5)),
        ("bytes=1-0", None),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=\u0660-\u0661", None),
        ("lines=0-1", None),
        ("", None),
        ("bytes=0-" + "9" * 500, None),
    ],
)
def test_rfc9110_14_1_2_ranges(field: str, expected: ByteRange | None) -> None:
    """One range of bytes; all else is ignored."""
    assert parse_range(field) == expected


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=40), first=st.integers(0, 50), length=st.none() | st.integers(0, 50))
def test_rfc9110_14_1_2_a_range_is_a_slice(body: bytes, first: int, length: int | None) -> None:
    """The same bytes that Python's slice has; 416 where that is empty."""
    last = "" if length is None else str(first + length)
    expected = body[first:] if length is None else body[first : first + length + 1]
    found = sliced(answer(body=body), asking(f"bytes={first}-{last}"))

    assert found is not None
    assert (found.status, found.body) == (206 if expected else 416, expected)


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=40), suffix=st.integers(0, 50))
def test_rfc9110_14_1_2_a_suffix_is_the_end(body: bytes, suffix: int) -> None:
    """At most all of it."""
    found = sliced(answer(body=body), asking(f"bytes=-{suffix}"))
    expected = body[max(0, len(body) - suffix) :]

    assert found is not None
    assert (found.status, found.body) == (206 if expected else 416, expected)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=40) | st.from_regex(r"bytes[= ]\d*-\d*(/\d+)?", fullmatch=True))
def test_no_field_value_makes_a_rule_raise(text: str) -> None:
    """Whatever an upstream or a caller sends."""
    parse_range(text)
    part_of(part(BODY, text))
    sliced(part(BODY, text), asking(text))
    combined(part(BODY, text, TAG), [part(BODY, text, TAG)])


@pytest.mark.parametrize(
    "described",
    [
        "bytes 4-9/10",
        "bytes 0-4",
        "bytes 9-13/10",
        "bytes */10",
        "lines 0-4/10",
        "",
        "bytes 4-0/10",
    ],
)
def test_rfc9110_14_4_a_part_that_does_not_fit_its_description_has_no_place(
    described: str,
) -> None:
    """Five bytes that are said to be other ones are not cut from."""
    stored = part(b"01234", described)
    assert part_of(stored) is None
    assert sliced(stored, asking("bytes=0-0")) is None


def test_rfc9111_3_4_a_part_of_unknown_length_is_not_cut_from() -> None:
    """Its end may be anywhere."""
    assert sliced(part(b"01234", "bytes 0-4/*"), asking("bytes=0-1")) is None


def test_rfc9110_15_3_7_a_206_says_which_part_it_is() -> None:
    """In place of what described the whole."""
    found = sliced(answer(("content-length", "10"), TAG, body=BODY), asking("bytes=2-3"))
    assert found is not None
    assert found.headers.get("content-range") == "bytes 2-3/10"
    assert "content-length" not in found.headers
    assert found.headers.get("etag") == '"1"'


@pytest.mark.parametrize(
    ("condition", "holds"),
    [('"1"', True), ('"2"', False), (HOUR_LATER, True), ("x", False), ('W/"1"', False)],
)
def test_rfc9110_13_1_5_if_range(condition: str, *, holds: bool) -> None:
    """By a strong tag or the exact date."""
    stored = answer(TAG, ("last-modified", HOUR_LATER), body=BODY)
    fields = Headers((("range", "bytes=0-1"), ("if-range", condition)))
    assert (sliced(stored, fields) is not None) is holds


@settings(max_examples=100, deadline=None)
@given(cuts=st.lists(st.integers(0, 9), min_size=1, max_size=4), overlap=st.integers(0, 3))
def test_rfc9111_3_4_parts_that_cover_the_whole_make_it(cuts: list[int], overlap: int) -> None:
    """In any order, overlapping or not."""
    edges = sorted({0, 10, *cuts})
    parts = []
    for begin, end in pairwise(edges):
        stop = min(10, end + overlap)
        parts.append(part(BODY[begin:stop], f"bytes {begin}-{stop - 1}/10", TAG))
    whole = combined(parts[-1], parts[:-1])

    assert whole is not None
    assert (whole.status, whole.body) == (200, BODY)
    assert "content-range" not in whole.headers


def test_rfc9111_3_4_gaps_and_other_tags_make_no_whole() -> None:
    """Nor do parts of another length, or the same tag over other bytes."""
    begin, end = part(b"01234", "bytes 0-4/10", TAG), part(b"56789", "bytes 5-9/10", TAG)
    other = begin._replace(headers=Headers((("content-range", "bytes 0-4/10"), ("etag", '"2"'))))
    assert combined(end, [begin]) is not None
    assert combined(end, []) is None
    assert combined(end, [other]) is None
    assert combined(end, [part(b"01234", "bytes 0-4/11", TAG)]) is None
    assert combined(end, [part(b"01234X", "bytes 0-5/10", TAG)]) is None
    assert combined(part(b"56789", "bytes 5-9/10"), [begin]) is None
