"""Staged rows by the number of their arrival."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.parquet_file import rows_in


class StagedRows:
    """Reads rows out of order, one part at a time; parts are numbered through."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._parts = parts
        self._starts = list(accumulate(map(rows_in, parts), initial=0))

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """The rows with these numbers, in this order."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for place, number in enumerate(numbers):
            wanted[bisect_right(self._starts, number) - 1].append(place)
        pieces = [
            pq.read_table(self._parts[part]).take(
                pa.array([numbers[place] - self._starts[part] for place in places])
            )
            for part, places in sorted(wanted.items())
        ]
        gathered = [place for _, places in sorted(wanted.items()) for place in places]
        order = sorted(range(len(gathered)), key=gathered.__getitem__)
        return pa.concat_tables(pieces).take(pa.array(order))
