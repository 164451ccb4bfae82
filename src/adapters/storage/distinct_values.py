"""Which values a column has, and the most frequent ones of them."""

import heapq
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from adapters.storage.kernels import call, most_frequent, places_of_largest, take

_ENDLESS = ((10_000, 0.99), (200_000, 0.5))
"""So many rows, and of them so many with another value: such a column is not read to its end."""
_VALUES = 100_000  # that are remembered
_BYTES = 8_000_000  # that they may have
_FEW = 500  # values of one part that are all counted
_HEAVIEST = 100  # of more values, those that are


class DistinctValues:
    """Reads a column part by part, until it is clear that there is no end of values.

    Attributes:
        is_exact: whether every value was seen.
    """

    def __init__(self) -> None:
        self.is_exact = True
        self._seen: list[Any] = []
        self._counts: Counter[object] = Counter()
        self._rows = 0

    def add(self, values: Any) -> bool:
        """The values of the next part, null left out; whether more of them are wanted.

        Args:
            values: an Arrow array; texts may come as a dictionary array.
        """
        self._rows += len(values)
        if not len(values):
            return self.is_exact
        if isinstance(values, pa.DictionaryArray):
            found = values.dictionary
            most = most_frequent(values.indices, len(found) if len(found) <= _FEW else _HEAVIEST)
            self._add_up(take(found, most.field("mode")), most.field("count"))
        else:
            counted = call("value_counts", values)
            found, counts = counted.field("values"), counted.field("counts")
            if len(found) > _FEW:
                counted = take(counted, places_of_largest(counts, _HEAVIEST))
            self._add_up(counted.field("values"), counted.field("counts"))
        self._remember(found)
        return self.is_exact

    def number(self, rows: int) -> int:
        """How many different values so many rows have; in proportion, where not all were seen."""
        self._merge()
        seen = sum(len(each) for each in self._seen)
        return seen if self.is_exact else max(seen, seen * rows // self._rows)

    def top(self, number: int) -> Sequence[tuple[object, int]]:
        """The most frequent values that occur more than once; none where not all were seen.

        The counts are exact up to 500 values a part, and lower bounds beyond.
        """
        if not self.is_exact:
            return ()
        repeated = ((value, count) for value, count in self._counts.items() if count > 1)
        return heapq.nlargest(number, repeated, key=lambda pair: pair[1])

    def _add_up(self, values: Any, counts: Any) -> None:
        """Of many values, those that occur once are worth no memory."""
        if len(values) < _HEAVIEST or call("max", counts).as_py() > 1:
            for value, count in zip(values.to_pylist(), counts.to_pylist(), strict=True):
                self._counts[value] += count

    def _remember(self, values: Any) -> None:
        self._seen.append(values)
        if self._is_much():
            self._merge()
            self.is_exact = not self._is_much()

    def _is_much(self) -> bool:
        """Too much to remember, or no end in sight."""
        seen = sum(len(each) for each in self._seen)
        return (
            seen > _VALUES
            or sum(each.nbytes for each in self._seen) > _BYTES
            or any(self._rows >= rows and seen >= share * self._rows for rows, share in _ENDLESS)
        )

    def _merge(self) -> None:
        if len(self._seen) > 1:
            self._seen = [call("unique", pa.concat_arrays(self._seen))]
