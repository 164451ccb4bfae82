"""Rows as bytes: a whole Arrow stream each time, since dictionaries go with their schema."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa


def packed_rows(schema: pa.Schema, batches: Iterable[Any]) -> bytes:
    """Record batches of a schema, perhaps none."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def unpacked_rows(stream: bytes) -> Iterator[Any]:
    """The record batches."""
    with pa.ipc.open_stream(stream) as reader:
        yield from reader


def unpacked_schema(stream: bytes) -> pa.Schema:
    """The schema alone."""
    with pa.ipc.open_stream(stream) as reader:
        return reader.schema


def unpacked_table(stream: bytes) -> pa.Table:
    """All rows."""
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()
