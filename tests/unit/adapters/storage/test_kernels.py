"""The kernels do what `pyarrow.compute` does, and a run never loads that."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from adapters.storage import kernels

NUMBERS = pa.array([3, None, 1, 3, 2])
TEXTS = pa.array(["b", None, "a", "b"])
PLACES = pa.array([2, 0])
MASK = pa.array([True, False, None, True, False])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: kernels.add(NUMBERS, 1), lambda: pc.add(NUMBERS, 1)),
        (
            lambda: kernels.cast(NUMBERS, pa.float64()),
            lambda: pc.cast(NUMBERS, pa.float64()),
        ),
        (lambda: kernels.drop_null(TEXTS), TEXTS.drop_null),
        (lambda: kernels.encoded(TEXTS), TEXTS.dictionary_encode),
        (lambda: kernels.fill_null(NUMBERS, -1), lambda: NUMBERS.fill_null(-1)),
        (lambda: kernels.fill_null(TEXTS, "x"), lambda: TEXTS.fill_null("x")),
        (lambda: kernels.filtered(NUMBERS, MASK), lambda: NUMBERS.filter(MASK)),
        (lambda: kernels.most_frequent(NUMBERS, 1), lambda: pc.mode(NUMBERS, 1)),
        (
            lambda: kernels.take(NUMBERS, kernels.places_of_largest(NUMBERS, 2)),
            lambda: pa.array([3, 3]),
        ),
        (lambda: kernels.sort_places(NUMBERS), lambda: pc.array_sort_indices(NUMBERS)),
        (lambda: kernels.take(TEXTS, PLACES), lambda: TEXTS.take(PLACES)),
    ],
)
def test_a_kernel_by_its_name_is_the_same_kernel(
    ours: Callable[[], Any], theirs: Callable[[], Any]
) -> None:
    """Nulls included."""
    assert ours().equals(theirs())


def test_a_cast_that_loses_something_is_refused() -> None:
    """As everywhere in the merge."""
    with pytest.raises(pa.ArrowInvalid):
        kernels.cast(pa.array([1.5]), pa.int64())


MERGE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
sys.modules["numpy"] = None  # as the program does
from adapters.storage.column_profiles import profile_of
from adapters.storage.staged_table import StagedTable
from adapters.storage.table_file import write_table_file
from adapters.storage.table_merge import TableMerge
from domain.schema import Field, Kind, ListOf, Schema, StructOf
from domain.tables import TableSpec

PAIR = StructOf((Field("a", Kind.STRING), Field("flag", Kind.BOOLEAN)))
SCHEMA = Schema((
    Field("id", Kind.STRING), Field("at", Kind.INTEGER), Field("score", Kind.NUMBER),
    Field("tags", ListOf(Kind.STRING)), Field("pairs", ListOf(PAIR)),
))
TABLE = TableSpec("items", SCHEMA, key=("id",), sort=("at", "score"))
AT = datetime(2026, 1, 1, tzinfo=UTC)

async def staged(folder, records):
    folder.mkdir()
    table = StagedTable(TABLE, "test.items", "RUN", folder)
    table.append(records, AT)
    await table.flush()
    return table.kept

def merged(name, records, base=()):
    folder = Path(sys.argv[1]) / name
    kept = asyncio.run(staged(folder, records))
    path = folder / "part.parquet"
    merge = TableMerge(TABLE, kept, base, folder)
    return write_table_file(merge, path, {"run_id": name}), path

row, other = ("a", 2, 1.5, ["x", None], [("y", True)]), ("b", 1, None, None, None)
_, base = merged("BASE", [row, other])
found, path = merged("RUN", [row, row], [base])
print(found.duplicates, found.carried, profile_of([path]).rows, "pyarrow.compute" in sys.modules)
"""


def test_a_merge_and_a_profile_load_no_wrappers(tmp_path: Path) -> None:
    """Rows that repeat, lists of structs, a base, and an order that is not the key's."""
    done = subprocess.run(
        [sys.executable, "-c", MERGE, tmp_path],
        capture_output=True, text=True, check=True, timeout=50,
    )  # fmt: skip

    assert done.stdout.split() == ["1", "1", "2", "False"]
