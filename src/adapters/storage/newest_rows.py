"""Of several rows with one key the newest."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from adapters.storage.joined_batches import joined_columns, taken_rows
from adapters.storage.kernels import call, filtered, sort_places, take
from adapters.storage.sort_codes import last_of_equals, sort_codes
from domain.tables import PROVENANCE

RUN_ID, FETCHED_AT = (field.name for field in PROVENANCE)
_ENOUGH = 64_000_000  # bytes that are looked at together


@dataclass(frozen=True, slots=True)
class NewestRows:
    """Rows in the order of their key, each key once.

    Attributes:
        duplicates: staged rows that gave way to another staged row.
    """

    rows: pa.RecordBatch
    duplicates: int


def newest_rows(batches: list[pa.RecordBatch], by: Sequence[str]) -> NewestRows:
    """Sort rows and keep the newest of each key, of equally new ones the last to arrive.

    Rows with a run are published ones; they give way to any row without one. However often
    a key comes, memory holds little more than the rows that stay.

    Args:
        batches: rows in the order of their arrival; the list is emptied, to free them early.
        by: columns of the key, in the order to sort by.
    """
    held: list[pa.RecordBatch] = []
    limit = _ENOUGH
    size = duplicates = 0
    batches.reverse()
    while batches:
        size += batches[-1].nbytes
        held.append(batches.pop())
        if size > limit and len(held) > 1:
            found = _newest(held, by)
            held.append(found.rows)
            duplicates += found.duplicates
            size = found.rows.nbytes
            limit = max(_ENOUGH, 2 * size)
    if len(held) == 1 and duplicates:
        return NewestRows(held[0], duplicates)
    found = _newest(held, by)
    return NewestRows(found.rows, duplicates + found.duplicates)


def _newest(batches: list[pa.RecordBatch], by: Sequence[str]) -> NewestRows:
    """Of all rows of batches; the list is emptied."""
    rows = sum(batch.num_rows for batch in batches)
    keys = sort_codes(joined_columns(batches, by), rows)
    order = sort_places(keys)
    last = last_of_equals(take(keys, order))
    if last.false_count == 0:
        return NewestRows(taken_rows(batches, order), 0)
    is_staged = pa.repeat(True, rows)
    if RUN_ID in batches[0].schema.names:
        is_staged = call("is_null", *joined_columns(batches, [RUN_ID]))
    order = sort_places(sort_codes([keys, is_staged, *joined_columns(batches, [FETCHED_AT])], rows))
    given_way = call("and_not", take(is_staged, order), last)
    return NewestRows(taken_rows(batches, filtered(order, last)), given_way.true_count)
