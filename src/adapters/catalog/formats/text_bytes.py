"""The bytes behind a column of text."""

from typing import Any


def text_bytes(column: Any) -> memoryview:
    """UTF-8 of all values, one after the other; of NULL perhaps too."""
    _, ends, content = column.buffers()
    if content is None or not len(column):
        return memoryview(b"")
    offsets = memoryview(ends).cast("i")
    return memoryview(content)[offsets[column.offset] : offsets[column.offset + len(column)]]


def may_hold(column: Any, characters: bytes) -> bool:
    """Whether one of these ASCII characters stands in a value: a quick look before a slow one."""
    content = bytes(text_bytes(column))
    return len(content.translate(None, characters)) < len(content)
