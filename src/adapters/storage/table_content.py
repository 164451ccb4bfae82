"""A digest of what a table says."""

import hashlib
from collections import defaultdict
from typing import Any

import pyarrow as pa

from adapters.storage.kernels import Column, call, cast, drop_null, fill_null
from domain.schema import Schema


class TableContent:
    """SHA-256 over the rows in their order, without columns marked volatile.

    Each column feeds streams of its own (is there a value, lengths, values), so the digest does
    not depend on how rows were cut into batches, and vectors are hashed whole.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = Schema(tuple(field for field in schema.fields if not field.volatile))
        self._streams: dict[str, Any] = defaultdict(hashlib.sha256)
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """The next rows; columns that the schema lacks are passed over."""
        self._rows += batch.num_rows
        for at, name in enumerate(self._schema.names):
            self._feed(str(at), batch.column(name))

    def hexdigest(self) -> str:
        """Of all rows so far."""
        whole = hashlib.sha256(f"{self._schema.fingerprint} {self._rows}".encode())
        for path in sorted(self._streams):
            whole.update(f"\n{path} {self._streams[path].hexdigest()}".encode())
        return whole.hexdigest()

    def _feed(self, path: str, values: Column) -> None:
        kind = values.type
        if pa.types.is_string(kind):
            lengths = call("binary_length", values)
            self._numbers(f"{path} lengths", fill_null(lengths, -1))
            self._streams[f"{path} text"].update(_text(values))
        elif pa.types.is_list(kind):
            lengths = call("list_value_length", values)
            self._numbers(f"{path} lengths", fill_null(lengths, -1))
            self._feed(f"{path} items", call("list_flatten", values))
        elif pa.types.is_struct(kind):
            self._numbers(f"{path} there", call("is_valid", values))
            for at, member in enumerate(values.flatten()):
                self._feed(f"{path}.{at}", member)
        else:
            self._numbers(f"{path} there", call("is_valid", values))
            self._numbers(f"{path} values", drop_null(values))

    def _numbers(self, path: str, values: Column) -> None:
        """Values of one width, none of them null."""
        if pa.types.is_boolean(values.type):
            values = cast(values, pa.uint8())
        width = values.type.bit_width // 8
        start = values.offset * width
        buffer = values.buffers()[1]
        if buffer is not None:
            self._streams[path].update(memoryview(buffer)[start : start + len(values) * width])


def _text(values: Column) -> memoryview:
    """The bytes of all texts, one after another."""
    if values.null_count:
        values = drop_null(values)
    _, offsets, text = values.buffers()
    if text is None or offsets is None or not len(values):
        return memoryview(b"")
    bounds = memoryview(offsets).cast("i")
    return memoryview(text)[bounds[values.offset] : bounds[values.offset + len(values)]]
