"""Run ids sort by time."""

from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import ulid


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
