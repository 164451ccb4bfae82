"""Run ids sort by time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import ulid, ulid_time


@given(st.integers(0, 2**48 - 2), st.binary(min_size=10, max_size=10))
def test_later_ids_sort_later(milliseconds: int, randomness: bytes) -> None:
    """Whatever the random part, a later millisecond gives a greater id of 26 characters."""
    earlier = ulid(milliseconds, b"\xff" * 10)
    later = ulid(milliseconds + 1, randomness)

    assert earlier < later
    assert {len(earlier), len(later)} == {26}


def test_known_ulid() -> None:
    """The example of the ULID specification's time part."""
    assert ulid(1469918176385, bytes(10)) == "01ARYZ6S410000000000000000"


@given(st.integers(0, 2**47), st.binary(min_size=10, max_size=10))
def test_an_id_tells_when_it_was_made(milliseconds: int, randomness: bytes) -> None:
    """To the millisecond; the year 6429 is the last one that this test asks for."""
    made = ulid_time(ulid(milliseconds, randomness))

    assert made == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", ["", "RUN1", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "Z" * 26, "é" * 26])
def test_other_texts_tell_nothing(text: str) -> None:
    """Too short, a letter that the alphabet lacks, a moment beyond all calendars."""
    assert ulid_time(text) is None
