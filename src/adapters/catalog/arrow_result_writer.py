"""Writes query results in every format."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from adapters.catalog.formats import cells
from adapters.catalog.formats.binary_formats import write_arrow, write_parquet
from adapters.catalog.formats.table_format import write_table
from adapters.catalog.formats.text_formats import (
    TextFormat,
    write_csv,
    write_json,
    write_markdown,
    write_ndjson,
    write_tsv,
)
from application.ports.query_engine import QueryResult
from application.ports.result_writer import Layout, ResultWriter, Written
from domain.errors import QueryError, UsageError

_TEXT: dict[str, TextFormat] = {
    "table": write_table,
    "csv": write_csv,
    "tsv": write_tsv,
    "json": write_json,
    "ndjson": write_ndjson,
    "markdown": write_markdown,
}
_BINARY = {"parquet": write_parquet, "arrow": write_arrow}


class ArrowResultWriter(ResultWriter):
    """Streams Arrow batches through a format; only `table` holds the result in memory."""

    def write(self, result: QueryResult, layout: Layout, sink: BinaryIO) -> Written:
        """Stream the result."""
        cut = _Cut(result, layout.limit)
        if layout.format in _TEXT:
            batches = (list(cells.rows(batch)) for batch in cut.batches())
            _TEXT[layout.format](result.columns, batches, layout, sink)
        elif layout.format in _BINARY:
            try:
                _BINARY[layout.format](result.arrow_schema, cut.batches(), sink)
            except pa.ArrowException as error:
                message = f"This result does not fit into {layout.format}: {error}"
                raise QueryError(message) from error
        else:
            known = ", ".join((*_TEXT, *_BINARY))
            message = f"{layout.format!r} is not a format; choose one of {known}."
            raise UsageError(message)
        return Written(cut.rows, cut.truncated)


class _Cut:
    """At most so many rows, and whether there were more."""

    def __init__(self, result: QueryResult, limit: int | None) -> None:
        self._result = result
        self._limit = limit
        self.rows = 0
        self.truncated = False

    def batches(self) -> Iterator[Any]:
        for batch in self._result.batches():
            room = batch.num_rows if self._limit is None else self._limit - self.rows
            if batch.num_rows > room:
                self.truncated = True
                batch = batch.slice(0, room)  # noqa: PLW2901  # the rest is never looked at
            self.rows += batch.num_rows
            if batch.num_rows:
                yield batch
            if self.truncated:
                return
