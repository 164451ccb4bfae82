"""Batches become text in threads, and come out in order."""

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.formats.batch_texts import batch_texts
from adapters.catalog.formats.row_lines import row_lines, small_batches
from adapters.catalog.formats.text_bytes import may_hold, text_bytes

WORDS = st.lists(st.none() | st.text(max_size=5), max_size=6)


def batch(number: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"n": [number]})


def spelled(rows: pa.RecordBatch) -> memoryview:
    return memoryview(str(rows["n"][0]).encode())


def test_order_is_kept_whoever_is_first() -> None:
    """The first batch is done last."""
    second_done = threading.Event()

    def text(rows: pa.RecordBatch) -> memoryview:
        if rows["n"][0].as_py() == 0:
            assert second_done.wait(30)
        else:
            second_done.set()
        return spelled(rows)

    assert [bytes(part) for part in batch_texts(map(batch, range(20)), text)] == [
        str(number).encode() for number in range(20)
    ]


def test_only_a_few_batches_are_asked_for_ahead() -> None:
    """Memory does not grow with the result, however slow the reader is."""
    asked = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield batch(number)

    most = 0
    for written, _ in enumerate(batch_texts(batches(), spelled)):
        most = max(most, asked - written)

    assert asked == 1000
    assert most <= 10


def test_an_error_reaches_the_caller_and_ends_the_work() -> None:
    """Whether it is the text's or the batches' own; what came before it is handed out."""

    def text(rows: pa.RecordBatch) -> memoryview:
        if rows["n"][0].as_py() == 3:
            message = "no text"
            raise pa.ArrowInvalid(message)
        return spelled(rows)

    def batches() -> Iterator[pa.RecordBatch]:
        yield batch(0)
        message = "the engine failed"
        raise ValueError(message)

    done: list[bytes] = []
    with pytest.raises(pa.ArrowInvalid, match="no text"):
        done.extend(map(bytes, batch_texts(map(batch, range(100)), text)))
    with pytest.raises(ValueError, match="the engine failed"):
        list(batch_texts(batches(), spelled))
    assert done == [b"0", b"1", b"2"]
    assert not [each for each in threading.enumerate() if each.name.startswith("format")]


@settings(deadline=None)
@given(WORDS, st.integers(0, 3), st.sampled_from(["", "NULL", "ü"]))
def test_rows_are_joined_as_they_stand(words: list[str | None], start: int, null: str) -> None:
    """Also those of a slice; NULL is its word."""
    column = pa.array(words, pa.string()).slice(start)
    expected = "".join(f"<{null if word is None else word}>" for word in words[start:])

    assert bytes(row_lines(["<", column], null, end=">")).decode() == expected


@settings(deadline=None)
@given(WORDS, st.integers(0, 3))
def test_a_quick_look_misses_nothing(words: list[str | None], start: int) -> None:
    """In the bytes of the values, and of no others."""
    column = pa.array(words, pa.string()).slice(start)
    text = "".join(word or "" for word in words[start:])

    assert bytes(text_bytes(column)).decode() == text
    assert may_hold(column, b"a0\n") == bool({"a", "0", "\n"} & set(text))


def test_batches_of_huge_cells_are_split() -> None:
    """Down to one row, and no further."""
    huge = pa.RecordBatch.from_pydict({"x": ["x" * (3 << 20)] * 3})
    small = batch(1)

    assert [part.num_rows for part in small_batches(huge)] == [1, 1, 1]
    assert list(small_batches(small)) == [small]
