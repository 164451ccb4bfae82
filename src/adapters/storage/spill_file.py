"""Batches that wait on the disk."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_stream import encapsulated


class SpillFile:
    """Batches of one schema under numbers, until they are removed. Blocking."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._schema = pa.schema([])
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._end = 0

    def add(self, number: int, batch: pa.RecordBatch) -> None:
        """Put a batch under a number."""
        self._schema = batch.schema
        content = encapsulated(batch)
        with parquet_errors("Writing", self._path), self._path.open("ab") as file:
            file.write(content)
        self._places[number].append((self._end, content.size))
        self._end += content.size

    def batches(self, number: int) -> Iterator[pa.RecordBatch]:
        """What is under a number, in the order of its coming."""
        if not self._places[number]:
            return
        with parquet_errors("Reading", self._path), self._path.open("rb", buffering=0) as file:
            for offset, size in self._places[number]:
                message = pa.ipc.read_message(os.pread(file.fileno(), size, offset))
                yield pa.ipc.read_record_batch(message, self._schema)

    def remove(self) -> None:
        """Delete the file; nothing is under any number from then on."""
        if self._end:
            self._end = 0
            self._places.clear()
            with parquet_errors("Removing", self._path):
                self._path.unlink(missing_ok=True)
