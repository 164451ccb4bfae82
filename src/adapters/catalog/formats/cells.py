"""Rows of Arrow batches, and their text for a terminal."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from adapters.catalog.formats.arrow_values import values
from domain.terminal_text import printable

type Row = tuple[Any, ...]


def rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """The rows of a batch."""
    return zip(*(values(column) for column in batch.columns), strict=True)


def harmless(value: str) -> str:
    """Text for one line of a terminal: nothing in it moves the cursor."""
    return printable(value).replace("\n", "\\n").replace("\t", "\\t")
