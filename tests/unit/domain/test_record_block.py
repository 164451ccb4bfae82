"""A block is the list of its records."""

import pytest

from domain.record_block import RecordBlock

BLOCK = RecordBlock(("a", 1), [[1, 2, 3], ("x", None, "z")])
RECORDS = [("a", 1, 1, "x"), ("a", 1, 2, None), ("a", 1, 3, "z")]


def test_it_reads_like_a_list() -> None:
    """By position, by slice, backwards and as a whole."""
    assert [*BLOCK] == RECORDS
    assert len(BLOCK) == 3
    assert (BLOCK[0], BLOCK[-1], BLOCK[1:]) == (RECORDS[0], RECORDS[2], RECORDS[1:])
    assert [*reversed(BLOCK)] == RECORDS[::-1]
    assert RECORDS[1] in BLOCK
    assert repr(BLOCK) == repr(RECORDS)


def test_it_equals_what_holds_the_same_records() -> None:
    """And nothing else."""
    assert RECORDS == BLOCK == RecordBlock(("a", 1), BLOCK.columns)
    assert RECORDS[:2] != BLOCK
    assert BLOCK != 3
    with pytest.raises(TypeError):
        hash(BLOCK)


def test_columns_of_different_length_are_no_records() -> None:
    """None of them is cut."""
    with pytest.raises(ValueError, match="shorter"):
        [*RecordBlock((), [[1, 2], [1]])]
