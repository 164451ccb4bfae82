"""Any number of rows, range of keys by range of keys, in bounded memory."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from adapters.storage.joined_batches import joined_batches
from adapters.storage.kernels import Column, add, call, fill_null, filtered, sort_places, take
from adapters.storage.parquet_file import ROW_GROUP
from adapters.storage.sort_codes import sort_codes
from adapters.storage.spill_file import SpillFile

RANGE_BYTES = 16_000_000
"""What the rows of a range may hold, about."""

_HELD = 8_000_000  # bytes that wait in memory for the rest of their ranges
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
    few, bounds = _survey(read(), by)
    if bounds is None:
        if few:
            yield few
        return
    held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
    size = 0
    with SpillFile(spill) as spilled:
        for batch in read():
            for number, rows in _split(batch, bounds, by):
                held[number].append(rows)
            size += batch.nbytes
            if size > _HELD:
                for number in list(held):
                    spilled.add(number, joined_batches(held.pop(number)))
                size = 0
        for number in range(bounds.num_rows + 1):
            if rows_of := [*spilled.batches(number), *held.pop(number, ())]:
                yield rows_of


def _survey(
    batches: Iterator[pa.RecordBatch], by: Sequence[str]
) -> tuple[list[pa.RecordBatch], pa.RecordBatch | None]:
    """The rows, if they make a single range; else the last key of each range but the last one.

    Keys are sampled by the bytes of their rows.
    """
    unit = RANGE_BYTES // _SAMPLES
    few: list[pa.RecordBatch] = []
    samples: list[pa.RecordBatch] = []
    weights: list[int] = []
    total = 0
    for batch in batches:
        ends = add(call("cumulative_sum", _sizes(batch)), total)
        units = call("divide", ends, unit)
        before = pa.concat_arrays(
            [pa.array([total // unit], units.type), units.slice(0, len(units) - 1)]
        )
        crossed = call("subtract", units, before)
        places = call("indices_nonzero", crossed)
        samples.append(take(batch.select(list(by)), places))
        weights.extend(take(crossed, places).to_pylist())
        total = ends[-1].as_py()
        few.append(batch)
        if total > RANGE_BYTES:
            few.clear()
    if total <= RANGE_BYTES:
        return few, None
    return [], _evenly(joined_batches(samples), weights, -(-total // RANGE_BYTES))


def _evenly(keys: pa.RecordBatch, weights: Sequence[int], ranges: int) -> pa.RecordBatch:
    """Of sampled keys those that divide the weights into about so many equal parts."""
    codes = sort_codes(keys.columns, keys.num_rows)
    order = sort_places(codes)
    share = sum(weights) / ranges
    chosen: dict[int, int] = {}
    reached, due = 0, share
    for place, code in zip(order.to_pylist(), take(codes, order).to_pylist(), strict=True):
        reached += weights[place]
        if reached >= due and len(chosen) < ranges - 1 and code not in chosen:
            chosen[code] = place
            due = (reached // share + 1) * share
    bounds: pa.RecordBatch = take(keys, pa.array(list(chosen.values()), pa.int64()))
    return bounds


def _sizes(batch: pa.RecordBatch) -> Column:
    """About how many bytes each row holds; text is measured, the rest is shared out evenly."""
    texts: list[Column] = [c for c in batch.columns if pa.types.is_string(c.type)]
    rest = batch.nbytes - sum(c.nbytes for c in texts)
    sizes: Column = pa.repeat(pa.scalar(rest // batch.num_rows, pa.int64()), batch.num_rows)
    for column in texts:
        lengths = call("binary_length", column)
        sizes = add(sizes, fill_null(lengths, 0))
    return call("max_element_wise", sizes, _LEAST)


def _split(
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
