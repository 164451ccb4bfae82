"""Where the ranges of many rows end."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from adapters.storage.joined_batches import joined_batches
from adapters.storage.kernels import Column, add, call, cast, sort_places, take
from adapters.storage.parquet_file import ROW_GROUP
from adapters.storage.sort_codes import sort_codes

RANGE_BYTES = 12_000_000
"""What the rows of a range may hold, about."""

_LEAST = RANGE_BYTES // ROW_GROUP  # what a row counts at least, so that a range is a row group
_SAMPLES = 256  # a range


class KeySurvey:
    """Keys of rows that come batch by batch, sampled by the bytes of their rows."""

    def __init__(self, by: Sequence[str]) -> None:
        self._by = list(by)
        self._samples: list[pa.RecordBatch] = []
        self._weights: list[int] = []
        self._bytes = 0

    @property
    def ranges(self) -> int:
        """How many ranges the rows make."""
        return -(-self._bytes // RANGE_BYTES)

    def add(self, batch: pa.RecordBatch) -> None:
        """The next rows, one at least."""
        unit = RANGE_BYTES // _SAMPLES
        ends = add(call("cumulative_sum", _sizes(batch)), self._bytes)
        units = call("divide", ends, unit)
        before = pa.concat_arrays(
            [pa.array([self._bytes // unit], units.type), units.slice(0, len(units) - 1)]
        )
        crossed = call("subtract", units, before)
        places = call("indices_nonzero", crossed)
        self._samples.append(take(batch.select(self._by), places))
        self._weights.extend(take(crossed, places).to_pylist())
        self._bytes = ends[-1].as_py()

    def bounds(self) -> pa.RecordBatch:
        """The last key of each range but the last one; there are two ranges at least.

        Of the sampled keys those that divide the weights into about equal parts.
        """
        keys = joined_batches(self._samples)
        codes = sort_codes(keys.columns, keys.num_rows)
        order = sort_places(codes)
        share = sum(self._weights) / self.ranges
        chosen: dict[int, int] = {}
        reached, due = 0, share
        for place, code in zip(order.to_pylist(), take(codes, order).to_pylist(), strict=True):
            reached += self._weights[place]
            if reached >= due and len(chosen) < self.ranges - 1 and code not in chosen:
                chosen[code] = place
                due = (reached // share + 1) * share
        bounds: pa.RecordBatch = take(keys, pa.array(list(chosen.values()), pa.int64()))
        return bounds


def _sizes(batch: pa.RecordBatch) -> Column:
    """About how many bytes each row holds; text is measured, the rest is shared out evenly."""
    texts: list[Column] = [c for c in batch.columns if pa.types.is_string(c.type)]
    rest = batch.nbytes - sum(c.nbytes for c in texts)
    sizes: Column = pa.repeat(pa.scalar(rest // batch.num_rows, pa.int64()), batch.num_rows)
    if texts:
        ends = cast(_offsets(texts[0]), pa.int64())
        for column in texts[1:]:
            ends = add(ends, _offsets(column))
        lengths = call("subtract", ends.slice(1), ends.slice(0, batch.num_rows))
        sizes = add(sizes, lengths)
    return call("max_element_wise", sizes, _LEAST)


def _offsets(texts: "pa.Array[Any]") -> Column:
    """Where each text begins, and where the last one ends."""
    return pa.Array.from_buffers(
        pa.int32(), len(texts) + 1, [None, texts.buffers()[1]], offset=texts.offset
    )
