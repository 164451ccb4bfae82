"""Nested columns as values, whatever part of them is looked at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.formats.arrow_values import json_texts, texts, values
from tests.support.duckdb_rows import DuckDbRows

COLUMNS = (
    "case when i % 3 > 0 then (date '2026-01-01' + i::int)::union(n bigint, d date) end",
    "[i::union(n bigint, d date), null, (date '2026-01-01')::union(n bigint, d date)]",
    "case when i % 4 > 0 then map {i: [i], i + 1: null} end",
    "case when i % 5 > 0 then {'a': timestamp '2026-01-01', 'b': [0.1::float]} end",
    "case when i % 2 > 0 then [i, null, i + 1]::bigint[3] end",
    "[{'k': map {'l': [interval (i) day]}}]",
    "case when i % 2 > 0 then i::varchar::bignum end",
    "case when i % 2 > 0 then i::varchar::blob end",
    "(case when i % 2 > 0 then 'a' else 'b' end)::enum('a', 'b')",
    "case when i % 2 > 0 then row(i, 'x') end",
)
SELECT = ", ".join(f"{column} as c{number}" for number, column in enumerate(COLUMNS))
BATCH = next(DuckDbRows(f"select {SELECT} from range(24) t(i)").batches())


@pytest.mark.parametrize("number", range(len(COLUMNS)))
@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, 24), length=st.integers(0, 24))
def test_a_slice_has_the_values_of_its_rows(number: int, start: int, length: int) -> None:
    """It shares its memory with the rows around it; each type says otherwise where it begins."""
    column = BATCH.column(number)
    part = column.slice(start, length)

    assert values(part) == values(column)[start : start + length]
    assert texts(part).to_pylist() == texts(column).to_pylist()[start : start + length]
    assert json_texts(part).to_pylist() == json_texts(column).to_pylist()[start : start + length]
