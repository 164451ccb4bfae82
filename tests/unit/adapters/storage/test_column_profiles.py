"""What columns hold, in figures."""

import asyncio
import math
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.storage.column_profiles import profile_of
from adapters.storage.data_folder import DataFolder
from adapters.storage.parquet_file import parquet_writer
from adapters.storage.parquet_profiles import ParquetProfiles
from domain.errors import StorageError
from domain.manifest import DataFile
from domain.profiles import (
    ColumnProfile,
    TableProfile,
    joined_profile,
    profile_from_json,
    profile_to_json,
)
from tests.support.catalog_history import CatalogHistory

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)


def profiled(path: Path, table: pa.Table, group: int = 1000) -> dict[str, ColumnProfile]:
    """The columns of a table, written in row groups as the program writes them."""
    with parquet_writer(path, table.schema) as writer:
        for batch in table.to_batches(group):
            writer.write_batch(batch, batch.num_rows)
    found = profile_of([path])
    assert profile_from_json(profile_to_json(found)) == found
    return {column.name: column for column in found.columns}


def test_each_type_is_described_in_json_s_values(tmp_path: Path) -> None:
    """Moments as text; nested values by their nulls alone; provenance by its bounds."""
    table = pa.table(
        {
            "text": ["b", None, "a", "b"],
            "whole": [3, 3, None, -1],
            "number": [0.5, -0.0, math.inf, None],
            "flag": [True, False, True, None],
            "moment": pa.array([AT, AT, None, AT], pa.timestamp("us", "UTC")),
            "day": [date(2026, 1, 2), date(2026, 1, 1), None, None],
            "list": [[1], None, [], [2]],
            "nothing": pa.nulls(4, pa.string()),
            "_run_id": ["R"] * 4,
        }
    )
    found = profiled(tmp_path / "a.parquet", table)

    assert found["text"] == ColumnProfile("text", 1, 2, True, "a", "b", (("b", 2),))
    assert found["whole"] == ColumnProfile("whole", 1, 2, True, -1, 3, ((3, 2),))
    assert found["number"] == ColumnProfile("number", 1, 3, True, 0.0, "inf")
    assert found["flag"] == ColumnProfile("flag", 1, 2, True, False, True, ((True, 2),))
    moment = "2026-01-02T03:00:00+00:00"
    assert found["moment"] == ColumnProfile("moment", 1, 1, True, moment, moment, ((moment, 3),))
    assert found["day"] == ColumnProfile("day", 2, 2, True, "2026-01-01", "2026-01-02")
    assert found["list"] == ColumnProfile("list", 1)
    assert found["nothing"] == ColumnProfile("nothing", 4, 0)
    assert found["_run_id"] == ColumnProfile("_run_id", 0, None, True, "R", "R")


def test_no_rows_are_no_values(tmp_path: Path) -> None:
    """A table without rows has a file, and the file a profile."""
    table = pa.table({"text": pa.array([], pa.string()), "whole": pa.array([], pa.int64())})

    assert profiled(tmp_path / "a.parquet", table) == {
        "text": ColumnProfile("text", 0, 0),
        "whole": ColumnProfile("whole", 0, 0),
    }


def test_texts_of_strangers_are_cut(tmp_path: Path) -> None:
    """A megabyte in a cell costs 80 characters of the profile."""
    table = pa.table({"text": ["x" * 1_000_000, "x" * 1_000_000, "y"]})
    column = profiled(tmp_path / "a.parquet", table)["text"]

    assert column.minimum == "x" * 79 + "…"
    assert column.top == (("x" * 79 + "…", 2),)
    assert column.distinct == 2


def test_a_column_without_an_end_of_values_is_estimated(tmp_path: Path) -> None:
    """It is not read to its end; the number is in proportion, and says that it is."""
    rows = 40_000
    table = pa.table(
        {
            "all_different": [f"{number:08}" for number in range(rows)],
            "few": [str(number % 7) for number in range(rows)],
            "many": [str(number % 9_000) for number in range(rows)],
        }
    )
    found = profiled(tmp_path / "a.parquet", table, 10_000)

    assert (found["all_different"].distinct, found["all_different"].is_exact) == (rows, False)
    assert (found["few"].distinct, found["few"].is_exact) == (7, True)
    assert (found["many"].distinct, found["many"].is_exact) == (9_000, True)
    assert dict(found["few"].top) == Counter(str(number % 7) for number in range(rows))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(st.none() | st.text(max_size=3) | st.sampled_from(["a", "b"]), max_size=60),
    group=st.integers(1, 25),
)
def test_small_columns_are_counted_exactly(
    values: list[str | None], group: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As Python counts them, however the rows are cut into row groups."""
    values = [each and each.encode("utf-8", "replace").decode() for each in values]
    table = pa.table({"text": pa.array(values, pa.string())})
    column = profiled(tmp_path_factory.mktemp("any") / "a.parquet", table, group)["text"]
    there = [each for each in values if each is not None]
    counts = Counter(there)

    assert column.nulls == len(values) - len(there)
    assert (column.distinct, column.is_exact) == (len(counts), True)
    if there:
        ordered = sorted(there, key=str.encode)
        assert (column.minimum, column.maximum) == (ordered[0], ordered[-1])
    assert [count for _, count in column.top] == sorted(
        (n for n in counts.values() if n > 1), reverse=True
    )[:10]
    assert all(counts[str(value)] == count for value, count in column.top)


def test_a_run_stores_the_profile_beside_its_rows(tmp_path: Path) -> None:
    """Whoever reads it opens no Parquet file; without it, or with a broken one, it is made."""
    catalog = CatalogHistory(tmp_path)
    catalog.add("01RUN00001", items=30)
    files = asyncio.run(catalog.manifests.latest()).tables["test.items"].datasets["things"].files
    profiles = ParquetProfiles(DataFolder(tmp_path))
    stored = asyncio.run(profiles.of(files))
    path = (tmp_path / files[0].path).with_name("profile.json")
    assert stored.rows == 30
    assert path.exists()

    (tmp_path / files[0].path).rename(tmp_path / "away")
    assert asyncio.run(profiles.of(files)) == stored
    (tmp_path / "away").rename(tmp_path / files[0].path)
    for content in (b"", b"{}", b"[]", b'{"format": 99}', profile_to_json(TableProfile(1, ()))):
        path.write_bytes(content)
        assert asyncio.run(profiles.of(files)) == stored


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """With its name."""
    profiles = ParquetProfiles(DataFolder(tmp_path))
    with pytest.raises(StorageError, match=r"lake/a\.parquet"):
        asyncio.run(profiles.of([DataFile("lake/a.parquet", 1, 1, "")]))


def test_files_of_one_data_set_are_described_together(tmp_path: Path) -> None:
    """As if they were one."""
    for name, values in (("a", ["x", "y"]), ("b", ["y", None])):
        pq.write_table(pa.table({"text": values}), tmp_path / f"{name}.parquet")
    files = [DataFile(f"{name}.parquet", 2, 1, "") for name in "ab"]
    found = asyncio.run(ParquetProfiles(DataFolder(tmp_path)).of(files))

    assert found == TableProfile(4, (ColumnProfile("text", 1, 2, True, "x", "y", (("y", 2),)),))


def test_data_sets_are_joined_as_far_as_it_goes() -> None:
    """Nulls and bounds are exact; how many values they share nobody knows."""
    one = TableProfile(5, (ColumnProfile("a", 1, 3, True, 1, 9, ((1, 2),)),))
    other = TableProfile(4, (ColumnProfile("a", 0, 4, True, 0, 5, ((1, 3), (5, 2))),))
    lacking = TableProfile(2, ())

    assert joined_profile([one]) is one
    assert joined_profile([one, other, lacking]) == TableProfile(
        11, (ColumnProfile("a", 3, 4, False, 0, 9, ((1, 5), (5, 2))),)
    )
    text = TableProfile(1, (ColumnProfile("a", 0, 1, True, "x", "x"),))
    assert joined_profile([one, text]).columns[0].minimum is None
