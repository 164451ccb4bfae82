"""Writes query results in every format."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from application.ports.query_engine import QueryResult
from application.ports.result_writer import Layout, ResultWriter, Written
from domain.errors import QueryError, UsageError

_COUNTED = 100_000  # rows beyond the limit that are looked for


class ArrowResultWriter(ResultWriter):
    """Streams Arrow batches through a format; only `table` holds the result in memory."""

    def write(self, result: QueryResult, layout: Layout, sink: BinaryIO) -> Written:
        """Stream the result."""
        import pyarrow as pa  # Arrow loads while the query's process starts

        from adapters.catalog.formats.all_formats import BINARY, TEXT
        from adapters.catalog.formats.row_lines import small_batches
        from adapters.catalog.formats.storable_columns import StorableColumns

        if layout.format not in {**TEXT, **BINARY}:
            known = ", ".join((*TEXT, *BINARY))
            message = f"{layout.format!r} is not a format; choose one of {known}."
            raise UsageError(message)
        cut = _Cut(result, layout.limit)
        hidden = 0
        try:
            if layout.format in TEXT:
                small = (each for batch in cut.batches() for each in small_batches(batch))
                hidden = TEXT[layout.format](result.columns, small, layout, sink) or 0
            else:
                columns = StorableColumns(result.columns, result.arrow_schema, layout.format)
                storable = map(columns.batch, cut.batches())
                BINARY[layout.format](columns.schema, storable, sink)
        except pa.ArrowException as error:
            message = f"This result does not fit into {layout.format}: {error}"
            raise QueryError(message) from error
        more = cut.count_more() if layout.count_more else None
        return Written(cut.rows, cut.truncated, hidden, more)


class _Cut:
    """At most so many rows, and whether there were more."""

    def __init__(self, result: QueryResult, limit: int | None) -> None:
        self._batches = result.batches()
        self._limit = limit
        self._left = 0
        self.rows = 0
        self.truncated = False

    def batches(self) -> Iterator[Any]:
        for batch in self._batches:
            room = batch.num_rows if self._limit is None else self._limit - self.rows
            kept = batch.slice(0, room)
            self.rows += kept.num_rows
            if kept.num_rows:
                yield kept
            if batch.num_rows > room:
                self.truncated = True
                self._left = batch.num_rows - room
                return

    def count_more(self) -> int | None:
        """Rows beyond the limit; None where there are too many to wait for their count."""
        if not self.truncated:
            return 0
        while self._left <= _COUNTED:
            batch = next(self._batches, None)
            if batch is None:
                return self._left
            self._left += batch.num_rows
        return None
