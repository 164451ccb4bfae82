"""Any number of rows, range of keys by range of keys, in bounded memory."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adapters.storage.parquet_file import ROW_GROUP
from adapters.storage.sort_codes import sort_codes
from adapters.storage.spill_file import SpillFile

RANGE_BYTES = 32_000_000
"""What the rows of a range may hold, about."""

_HELD = 48_000_000  # bytes that wait in memory for the rest of their ranges
_LEAST = RANGE_BYTES // ROW_GROUP  # what a row counts at least, so that a range is a row group
_SAMPLES = 256  # a range


def key_ranges(
    read: Callable[[], Iterator[pa.RecordBatch]], by: Sequence[str], spill: Path
) -> Iterator[list[pa.RecordBatch]]:
    """The rows in ranges that follow one another; each about a row group, fewer if rows are wide.

    Inside a range rows are in the order of their arrival where their keys are equal. Rows are
    read once to choose the ranges and once to sort them into these; if they are few, once.

    Args:
        read: begins to read the rows.
        by: columns of the key.
        spill: a file for what does not fit into the memory.
    """
    few = _if_few(read())
    if few is not None:
        yield few
        return
    bounds = _bounds(read(), by)
    held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
    size = 0
    with SpillFile(spill) as spilled:
        for batch in read():
            for number, rows in _split(batch, bounds, by):
                held[number].append(rows)
            size += batch.nbytes
            if size > _HELD:
                for number in list(held):
                    spilled.add(number, pa.concat_batches(held.pop(number)))
                size = 0
        for number in range(bounds.num_rows + 1):
            yield [*spilled.batches(number), *held.pop(number, ())]


def _if_few(batches: Iterator[pa.RecordBatch]) -> list[pa.RecordBatch] | None:
    """All of the rows, if they make a single range."""
    gathered: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        gathered.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows > ROW_GROUP or size > RANGE_BYTES:
            return None
    return gathered


def _bounds(batches: Iterator[pa.RecordBatch], by: Sequence[str]) -> pa.RecordBatch:
    """The last key of each range but the last one, from keys sampled by the bytes of the rows."""
    unit = RANGE_BYTES // _SAMPLES
    samples: list[pa.RecordBatch] = []
    weights: list[int] = []
    total = 0
    for batch in batches:
        ends = pc.add(pc.cumulative_sum(_sizes(batch)), total)
        units = pc.divide(ends, unit)
        before = pa.concat_arrays([pa.array([total // unit], units.type), units.slice(0, len(units) - 1)])
        crossed = pc.subtract(units, before)
        places = pc.indices_nonzero(crossed)
        samples.append(batch.select(list(by)).take(places))
        weights.extend(crossed.take(places).to_pylist())
        total = ends[-1].as_py()
    keys = pa.concat_batches(samples)
    codes = sort_codes(keys.columns, keys.num_rows)
    order = pc.array_sort_indices(codes).to_pylist()
    target = sum(weights) / -(-total // RANGE_BYTES)
    chosen: dict[int, int] = {}
    reached = 0
    for place in order:
        reached += weights[place]
        if reached >= target * (len(chosen) + 1):
            chosen.setdefault(codes[place].as_py(), place)
    return keys.take(pa.array(list(chosen.values())[:-1], pa.int64()))


def _sizes(batch: pa.RecordBatch) -> "pa.Array":
    """About how many bytes each row holds; text is measured, the rest is shared out evenly."""
    texts = [c for c in batch.columns if pa.types.is_string(c.type)]
    rest = batch.nbytes - sum(c.nbytes for c in texts)
    sizes = pa.repeat(pa.scalar(rest // batch.num_rows, pa.int64()), batch.num_rows)
    for column in texts:
        sizes = pc.add(sizes, pc.fill_null(pc.binary_length(column), 0))
    return pc.max_element_wise(sizes, _LEAST)


def _split(
    batch: pa.RecordBatch, bounds: pa.RecordBatch, by: Sequence[str]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The parts of a batch, with the numbers of their ranges."""
    rows = batch.num_rows
    columns = [pa.concat_arrays([batch.column(name), bounds.column(name)]) for name in by]
    order = pc.array_sort_indices(sort_codes(columns, rows + bounds.num_rows))
    is_bound = pc.greater_equal(order, rows)
    in_order = batch.take(order.filter(pc.invert(is_bound)))
    found = pc.indices_nonzero(is_bound).to_pylist()
    ends = [0, *(at - number for number, at in enumerate(found)), rows]
    for number, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            yield number, in_order.slice(start, end - start)
