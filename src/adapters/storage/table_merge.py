"""Staged rows in the published order, the newest of each key."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from adapters.storage.arrow_stream import ArrowStream
from adapters.storage.base_rows import base_rows
from adapters.storage.joined_batches import joined_columns, taken_rows
from adapters.storage.kernels import drop_null, sort_places
from adapters.storage.key_ranges import KeyRanges
from adapters.storage.key_survey import KeySurvey
from adapters.storage.newest_rows import RUN_ID, NewestRows, newest_rows
from adapters.storage.sort_codes import sort_codes
from domain.tables import TableSpec


def _merged_by(table: TableSpec) -> Sequence[str]:
    """The columns of a table's key, in the order in which its rows are brought together."""
    order = _published_order(table)
    return order if len(order) == len(table.key) else table.key


class TableMerge:
    """Goes through the rows once, or again at half the cost; memory stays bounded.

    Args:
        table: the table.
        staged: the run's own rows; they replace rows of the base that have the same key.
        base: published files that the run builds upon; their rows keep their provenance.
        folder: takes what does not fit into the memory, until the merge is closed.

    Attributes:
        table: the table.
        duplicates: staged rows that gave way to another staged row.
        carried: rows of the base that stayed; both are complete after the last batch.
    """

    def __init__(
        self,
        table: TableSpec,
        staged: ArrowStream,
        base: Sequence[Path],
        folder: Path,
    ) -> None:
        self.table = table
        self.duplicates = self.carried = 0
        self._staged = staged
        self._base = base
        self._schema = staged.schema
        if base:
            self._schema = staged.schema.append(pa.field(RUN_ID, pa.string()))
        self._spill = folder / "spill"
        self._by_key = KeyRanges(self._read, _merged_by(table), self._spill)
        self._newest_staged = ArrowStream(self._spill.with_suffix(".arrows"), self._schema)
        self._in_order: KeyRanges | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of one row group after another.

        Raises:
            StorageError: the disk failed, or the base cannot be read.
        """
        order = _published_order(self.table)
        if len(order) == len(self.table.key):
            yield from self._newest()
            return
        # Rows with one key may stand far apart in the published order.
        if self._in_order is None:
            self._in_order = self._brought_into(order)
        for batches in self._in_order:
            rows = sum(batch.num_rows for batch in batches)
            codes = sort_codes(joined_columns(batches, order), rows)
            yield taken_rows(batches, sort_places(codes))

    def close(self) -> None:
        """Remove what was spilled."""
        self._by_key.close()
        if self._in_order is not None:
            self._in_order.close()
            self._newest_staged.remove()

    def _newest(self) -> Iterator[pa.RecordBatch]:
        self.duplicates = self.carried = 0
        for batches in self._by_key:
            yield self._counted(newest_rows(batches, _merged_by(self.table)))

    def _counted(self, found: NewestRows) -> pa.RecordBatch:
        self.duplicates += found.duplicates
        if self._base:
            self.carried += len(drop_null(found.rows.column(RUN_ID)))
        return found.rows

    def _brought_into(self, order: Sequence[str]) -> KeyRanges:
        survey = KeySurvey(order)
        for batch in self._newest():
            self._newest_staged.append(batch)
            survey.add(batch)
        self._by_key.close()
        return KeyRanges(self._newest_staged.batches, order, self._spill, survey)

    def _read(self) -> Iterator[pa.RecordBatch]:
        """The base, then what was staged; a staged row has no run yet."""
        if not self._base:
            yield from self._staged.batches()
            return
        yield from base_rows(self._base, self._schema)
        for batch in self._staged.batches():
            no_run = pa.nulls(batch.num_rows, pa.string())
            yield pa.record_batch([*batch.columns, no_run], schema=self._schema)


def _published_order(table: TableSpec) -> Sequence[str]:
    return tuple(dict.fromkeys((*table.order, *table.key)))
