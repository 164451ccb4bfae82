"""Statements that store many rows."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from adapters.cache.entry_rows import Row

_MOST_ROWS = 512  # of one statement; a power of two
_PLACES = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT = """
insert into entries (key, vary, source, url, received, expires, used, size, value)
values {rows}
on conflict (key, vary) do update set
    source = excluded.source, url = excluded.url, received = excluded.received,
    expires = excluded.expires, used = excluded.used, size = excluded.size,
    value = excluded.value
"""


def entry_inserts(rows: Sequence[Row]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Statements with their values; later rows take the place of earlier ones with their key.

    The interpreter's lock changes hands for each statement: one is for many rows. They come in
    few sizes, since to prepare one takes longer than to carry it out.
    """
    begin = 0
    while left := len(rows) - begin:
        count = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        yield _upsert(count), tuple(chain.from_iterable(rows[begin : begin + count]))
        begin += count


@lru_cache
def _upsert(rows: int) -> str:
    return _UPSERT.format(rows=", ".join([_PLACES] * rows))
