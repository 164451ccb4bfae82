"""The published file: sorted, each key once, the newest row; whatever the rows are."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage import key_ranges, key_survey, newest_rows
from adapters.storage.arrow_stream import ArrowStream
from adapters.storage.staged_table import StagedTable
from adapters.storage.table_file import MergedTable, merge_unwritten, write_table_file
from adapters.storage.table_merge import TableMerge
from domain.errors import StorageError
from domain.schema import Field, Kind, ListOf, Schema, StructOf
from domain.tables import Record, TableSpec

AT = datetime(2026, 1, 1, tzinfo=UTC)
PAIR = StructOf((Field("a", Kind.STRING), Field("n", Kind.INTEGER)))
SCHEMA = Schema(
    (
        Field("owner", Kind.STRING),
        Field("id", Kind.STRING),
        Field("position", Kind.INTEGER),
        Field("score", Kind.NUMBER),
        Field("flag", Kind.BOOLEAN),
        Field("at", Kind.TIMESTAMP),
        Field("day", Kind.DATE),
        Field("tags", ListOf(Kind.STRING)),
        Field("pairs", ListOf(PAIR)),
        Field("views", Kind.INTEGER, volatile=True),
    )
)
BY_KEY = TableSpec("items", SCHEMA, key=("owner", "id", "position"))
IN_PART = replace(BY_KEY, sort=("id",))
BY_TIME = replace(BY_KEY, sort=("at", "score"))
TABLES = (BY_KEY, IN_PART, BY_TIME, replace(BY_KEY, key=("id",), sort=("flag", "day", "id")))

ROW = st.tuples(
    st.sampled_from(["a", "b"]),
    st.none() | st.text(max_size=2) | st.sampled_from(["1", "10", "9", "é", "z", "\0", "𝄞"]),
    st.none() | st.integers(-1, 3),
    st.none() | st.sampled_from([-1.5, 0.0, 2.0]),
    st.none() | st.booleans(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.dates(),
    st.none() | st.lists(st.none() | st.text(max_size=2), max_size=2),
    st.none() | st.lists(st.none() | st.tuples(st.text(max_size=1), st.integers(0, 1)), max_size=2),
    st.none() | st.integers(0, 9),
)
STAGED = st.lists(st.tuples(st.lists(ROW, max_size=6), st.integers(0, 2)), max_size=8)


def merge_of(
    folder: Path,
    table: TableSpec,
    answers: Sequence[tuple[Sequence[Record], int]],
    base: Sequence[Path] = (),
) -> TableMerge:
    """Answers with their age in seconds, each written on its own."""
    rows = StagedTable(table, "test.items", "RUN", folder)

    async def stage() -> None:
        for records, second in answers:
            rows.append(records, AT + timedelta(seconds=second))
            await rows.flush()

    asyncio.run(stage())
    return TableMerge(table, rows.kept, base, folder)


def merged(
    folder: Path,
    table: TableSpec,
    answers: Sequence[tuple[Sequence[Record], int]],
    base: Sequence[Path] = (),
    *,
    run_id: str = "RUN",
) -> tuple[MergedTable, Path]:
    area = folder / f"area-{run_id}"
    area.mkdir()
    merge = merge_of(area, table, answers, base)
    path = area / "part.parquet"
    found = write_table_file(merge, path, {"run_id": run_id})
    merge.close()
    return found, path


def plainly_merged(
    table: TableSpec,
    answers: Sequence[tuple[Sequence[Record], int]],
    base: Sequence[dict[str, Any]] = (),
    *,
    run_id: str = "RUN",
) -> tuple[list[dict[str, Any]], int, int]:
    """The rows, the duplicates and what is carried over, the slow way."""
    key = table.schema.positions(table.key)
    newest: dict[tuple[Any, ...], tuple[int, Record]] = {}
    rows = 0
    for records, second in answers:
        for record in records:
            rows += 1
            name = tuple(record[at] for at in key)
            if name not in newest or second >= newest[name][0]:
                newest[name] = second, record
    carried = [row for row in base if tuple(row[name] for name in table.key) not in newest]
    own = [
        {
            **dict(zip(table.schema.names, map(_stored, record), strict=True)),
            "_run_id": run_id,
            "_fetched_at": AT + timedelta(seconds=second),
        }
        for second, record in newest.values()
    ]
    columns = dict.fromkeys((*table.order, *table.key))
    whole = sorted([*carried, *own], key=lambda row: [_rank(row[name]) for name in columns])
    return whole, rows - len(newest), len(carried)


def _stored(value: Any) -> Any:
    """Tuples in a list are structs."""
    if isinstance(value, list):
        return [{"a": v[0], "n": v[1]} if isinstance(v, tuple) else v for v in value]
    return value


def _rank(value: Any) -> tuple[bool, Any]:
    return value is not None, value.encode() if isinstance(value, str) else value or _nothing(value)


def _nothing(value: Any) -> Any:
    return 0 if value is None else value


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Many ranges, much spilled, of very few rows."""
    patch.setattr(key_survey, "RANGE_BYTES", 1_024)
    patch.setattr(key_survey, "_LEAST", 256)
    patch.setattr(key_ranges, "_HELD", 1_500)
    patch.setattr(newest_rows, "_ENOUGH", 600)


@pytest.mark.parametrize("small", [False, True], ids=["one range", "many ranges"])
@settings(max_examples=25, deadline=None)
@given(before=STAGED, now=STAGED, table=st.sampled_from(TABLES))
def test_the_file_is_what_a_plain_sort_makes_of_the_rows(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    small: bool,
    before: list[tuple[list[Record], int]],
    now: list[tuple[list[Record], int]],
    table: TableSpec,
) -> None:
    """Order, choice and counts; alone, and merged with what an earlier run published."""
    folder = tmp_path_factory.mktemp("merge")
    with pytest.MonkeyPatch.context() as patch:
        if small:
            shrink(patch)
        first, base = merged(folder, table, before, run_id="OLD")
        second, path = merged(folder, table, now, [base])
    rows, duplicates, _ = plainly_merged(table, before, run_id="OLD")
    assert pq.read_table(base).to_pylist() == rows
    assert (first.rows, first.duplicates, first.carried) == (len(rows), duplicates, 0)
    rows, duplicates, carried = plainly_merged(table, now, rows)
    assert pq.read_table(path).to_pylist() == rows
    assert (second.rows, second.duplicates, second.carried) == (len(rows), duplicates, carried)
    assert [each.name for each in path.parent.glob("spill*")] == []


def many(count: int, repeats: int = 1, width: int = 1) -> list[tuple[list[Record], int]]:
    """Answers of 50 rows, out of order."""
    rest = (1.5, True, AT, AT.date(), ["x" * width], None, 1)
    rows: list[Record] = [
        ("o", f"{n * 7919 % count:06}", n % 3, *rest) for n in range(count) for _ in range(repeats)
    ]
    return [(rows[at : at + 50], at) for at in range(0, len(rows), 50)]


@pytest.mark.parametrize("table", [BY_KEY, BY_TIME])
def test_rows_by_the_thousand_make_row_groups_of_like_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: TableSpec
) -> None:
    """Over many spills."""
    monkeypatch.setattr(key_survey, "RANGE_BYTES", 100_000)
    monkeypatch.setattr(key_survey, "_LEAST", 200)
    monkeypatch.setattr(key_ranges, "_HELD", 50_000)
    found, path = merged(tmp_path, table, many(5_000))
    footer = pq.read_metadata(path)
    sizes = [footer.row_group(at).num_rows for at in range(footer.num_row_groups)]

    assert (found.rows, found.duplicates) == (5_000, 0)
    assert len(sizes) >= 10
    assert max(sizes) <= 600
    assert min(sizes) >= 300
    table_rows = pq.read_table(path, columns=["at", "id"]).to_pylist()
    assert [row["id"] for row in table_rows] == [f"{n:06}" for n in range(5_000)]


def test_one_key_over_and_over_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much more than a range its rows are."""
    shrink(monkeypatch)
    rows: list[tuple[list[Record], int]] = [
        ([("o", "1", n, 0.5, None, None, None, ["x" * 500], None, n)], n % 7) for n in range(200)
    ]
    found, path = merged(tmp_path, replace(BY_KEY, key=("id",)), rows)

    assert (found.rows, found.duplicates) == (1, 199)
    assert pq.read_table(path)["views"].to_pylist() == [195]


def test_equal_rows_have_equal_content_whatever_the_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another order, with other moments and runs; and one value more makes another."""
    first, _ = merged(tmp_path, BY_KEY, many(300), run_id="A")
    shrink(monkeypatch)
    second, _ = merged(tmp_path, BY_KEY, [*reversed(many(300, repeats=2))], run_id="B")
    third, _ = merged(tmp_path, BY_KEY, many(301), run_id="C")

    assert len(first.content) == 64
    assert first.content == second.content
    assert first.content != third.content


@pytest.mark.parametrize("small", [False, True], ids=["one range", "many ranges"])
@pytest.mark.parametrize("table", [BY_KEY, BY_TIME])
@pytest.mark.parametrize("with_base", [False, True])
def test_a_merge_can_be_gone_through_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool, table: TableSpec, with_base: bool
) -> None:
    """With the same rows and figures; what was spilled goes when it is closed."""
    if small:
        shrink(monkeypatch)
    base = [merged(tmp_path, table, many(250), run_id="OLD")[1]] if with_base else []
    rows = many(200, repeats=2)
    plain, expected = merged(tmp_path, table, rows, base)
    folder = tmp_path / "twice"
    folder.mkdir()
    merge = merge_of(folder, table, rows, base)
    unwritten = merge_unwritten(merge)
    path = folder / "part.parquet"
    written = write_table_file(merge, path, {"run_id": "RUN"})
    spilled = [each.name for each in folder.glob("spill*")]
    merge.close()

    assert unwritten == written == plain
    assert path.read_bytes() == expected.read_bytes()
    assert bool(spilled) == (small or table is BY_TIME)
    assert [each.name for each in folder.glob("spill*")] == []


def test_a_base_of_another_time_is_read_in_the_columns_of_today(tmp_path: Path) -> None:
    """A new column is null in its rows; a dropped one is gone."""
    old = TableSpec(
        "items", Schema((Field("id", Kind.STRING), Field("gone", Kind.STRING))), ("id",)
    )
    new = TableSpec("items", Schema((Field("id", Kind.STRING), Field("new", Kind.STRING))), ("id",))
    _, base = merged(tmp_path, old, [([("1", "x"), ("2", "y")], 0)], run_id="OLD")
    found, path = merged(tmp_path, new, [([("2", "z")], 0)], [base])

    assert found.carried == 1
    assert [(row["id"], row["new"], row["_run_id"]) for row in pq.read_table(path).to_pylist()] == [
        ("1", None, "OLD"),
        ("2", "z", "RUN"),
    ]


def test_a_base_that_cannot_be_read_is_a_storage_error(tmp_path: Path) -> None:
    """That names it."""
    base = tmp_path / "base.parquet"
    base.write_bytes(b"no parquet")
    with pytest.raises(StorageError, match=r"base\.parquet"):
        merged(tmp_path, BY_KEY, many(10), [base])


def test_damage_to_a_base_is_never_carried_over(tmp_path: Path) -> None:
    """One bit is enough to be noticed."""
    _, base = merged(tmp_path, BY_KEY, many(100), run_id="OLD")
    content = bytearray(base.read_bytes())
    content[60] ^= 1
    base.write_bytes(content)

    with pytest.raises(StorageError):
        merged(tmp_path, BY_KEY, many(10), [base])


@pytest.mark.parametrize("name", ["area-RUN/part.parquet", "area-RUN/spill"])
def test_a_disk_that_fails_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """For the file as for what is spilled."""
    shrink(monkeypatch)
    area = tmp_path / "area-RUN"
    area.mkdir()
    merge = merge_of(area, BY_KEY, many(100))
    (tmp_path / name).mkdir()
    with pytest.raises(StorageError, match=Path(name).name):
        write_table_file(merge, area / "part.parquet", {"run_id": "RUN"})


def test_the_footer_says_what_it_is_told(tmp_path: Path) -> None:
    """And the columns are those of the table, with provenance."""
    metadata: Mapping[str, str] = {"run_id": "RUN", "source": "sample"}
    staged = ArrowStream(tmp_path / "nothing.arrows", pa.schema([]))
    merge = TableMerge(BY_KEY, staged, [], tmp_path)
    found = write_table_file(merge, tmp_path / "part.parquet", metadata)
    file = pq.read_metadata(tmp_path / "part.parquet")

    assert found.rows == 0
    assert (file.metadata or {})[b"source"] == b"sample"
    names = pq.read_schema(tmp_path / "part.parquet").names
    assert names == [*SCHEMA.names, "_run_id", "_fetched_at"]
