"""Any number of rows, range of keys by range of keys, in bounded memory."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from adapters.storage.joined_batches import joined_batches
from adapters.storage.kernels import call, filtered, sort_places, take
from adapters.storage.key_survey import KeySurvey
from adapters.storage.sort_codes import sort_codes
from adapters.storage.spill_file import SpillFile

_HELD = 8_000_000  # bytes that wait in memory for the rest of their ranges


class KeyRanges:
    """The rows in ranges that follow one another; each about a row group, fewer if rows are wide.

    Inside a range rows are in the order of their arrival where their keys are equal. Rows are
    read once to choose the ranges, unless they were surveyed when they came, and once to sort
    them into these; if they are few, once. To go through the ranges again costs no more than to
    read them.

    Args:
        read: begins to read the rows.
        by: columns of the key.
        spill: a file for what does not fit into the memory.
        survey: of all the rows, where there is one.
    """

    def __init__(
        self,
        read: Callable[[], Iterator[pa.RecordBatch]],
        by: Sequence[str],
        spill: Path,
        survey: KeySurvey | None = None,
    ) -> None:
        self._read = read
        self._by = by
        self._survey = survey
        self._spilled = SpillFile(spill)
        self._bounds: pa.RecordBatch | None = None

    def __iter__(self) -> Iterator[list[pa.RecordBatch]]:
        """The ranges; each list is the reader's, to be emptied."""
        few: list[pa.RecordBatch] = []
        if self._survey is None:
            self._survey = KeySurvey(self._by)
            few = self._surveyed(self._survey)
        if self._survey.ranges <= 1:
            if few := few or [*self._read()]:
                yield few
            return
        if self._bounds is None:
            self._bounds = self._split(self._survey.bounds())
        for number in range(self._bounds.num_rows + 1):
            if rows := [*self._spilled.batches(number)]:
                yield rows

    def close(self) -> None:
        """Remove what was spilled."""
        self._spilled.remove()

    def _surveyed(self, survey: KeySurvey) -> list[pa.RecordBatch]:
        """Survey the rows; they themselves, if they make a single range."""
        few: list[pa.RecordBatch] = []
        for batch in self._read():
            survey.add(batch)
            few.append(batch)
            if survey.ranges > 1:
                few.clear()
        return few

    def _split(self, bounds: pa.RecordBatch) -> pa.RecordBatch:
        """Sort the rows into their ranges."""
        held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
        size = 0
        for batch in self._read():
            for number, rows in _parts(batch, bounds, self._by):
                held[number].append(rows)
            size += batch.nbytes
            if size > _HELD:
                self._spill(held)
                size = 0
        self._spill(held)
        return bounds

    def _spill(self, held: dict[int, list[pa.RecordBatch]]) -> None:
        for number in list(held):
            self._spilled.add(number, joined_batches(held.pop(number)))


def _parts(
    batch: pa.RecordBatch, bounds: pa.RecordBatch, by: Sequence[str]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The parts of a batch, with the numbers of their ranges."""
    rows = batch.num_rows
    columns = [pa.concat_arrays([batch.column(name), bounds.column(name)]) for name in by]
    order = sort_places(sort_codes(columns, rows + bounds.num_rows))
    is_bound = call("greater_equal", order, pa.scalar(rows, order.type))
    in_order = take(batch, filtered(order, call("invert", is_bound)))
    found = call("indices_nonzero", is_bound)
    ends = [0, *(at - number for number, at in enumerate(found.to_pylist())), rows]
    for number, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            yield number, in_order.slice(start, end - start)
