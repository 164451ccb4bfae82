"""Differences between two versions, next to a plain comparison of dicts."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.catalog.duckdb_version_differ import DuckDbVersionDiffer
from application.ports.version_differ import TableDiff
from domain.errors import StorageError
from domain.manifest import DataFile, Dataset, Manifest, TableVersion
from domain.schema import Field, Kind, Schema
from domain.tables import PROVENANCE

AT = datetime(2026, 1, 2, tzinfo=UTC)
ID, WORDS = Field("id", Kind.STRING), Field("words", Kind.STRING)
VIEWS = Field("views", Kind.INTEGER, volatile=True)
FIELDS = (ID, Field("number", Kind.INTEGER), WORDS, VIEWS)
TYPES = {Kind.STRING: pa.string(), Kind.INTEGER: pa.int64(), Kind.TIMESTAMP: pa.timestamp("us")}

type Rows = dict[str, tuple[int | None, str | None]]

ROWS: st.SearchStrategy[Rows] = st.dictionaries(
    st.sampled_from(["a", "b", "'c'", "ä", ""]),
    st.tuples(st.none() | st.integers(-3, 3), st.none() | st.sampled_from(["x", "y", ""])),
)


def manifest(
    root: Path,
    number: int,
    rows: list[tuple[object, ...]],
    fields: tuple[Field, ...] = FIELDS,
    key: tuple[str, ...] = ("id",),
) -> Manifest:
    """A version with these rows of `test.items` for the target "things"."""
    schema = Schema((*fields, *PROVENANCE))
    arrow = pa.schema([(field.name, TYPES[field.type]) for field in schema.fields])  # type: ignore[index,arg-type]  # scalars
    columns = [*zip(*rows, strict=True)] if rows else [()] * len(fields)
    stamps = [[f"RUN{number}"] * len(rows), [datetime(2026, 1, number)] * len(rows)]  # noqa: DTZ001  # naive, as Arrow has it
    arrays = [
        pa.array(list(values), field.type)
        for values, field in zip([*columns, *stamps], arrow, strict=True)
    ]
    path = root / f"{number}.parquet"
    pq.write_table(pa.Table.from_arrays(arrays, schema=arrow), path)
    file = DataFile(path.name, len(rows), path.stat().st_size, "")
    dataset = Dataset(f"RUN{number}", "sample", AT, (file,))
    version = TableVersion(schema, key, "", {"things": dataset})
    return Manifest(number, AT, f"RUN{number}", {"test.items": version})


def compared(root: Path, before: Manifest, after: Manifest, limit: int = 100) -> TableDiff:
    differ = DuckDbVersionDiffer(root)
    return asyncio.run(differ.diff("test.items", "things", before, after, limit))


def flat(rows: Rows, views: int = 0) -> list[tuple[object, ...]]:
    return [(key, *values, views) for key, values in rows.items()]


@settings(max_examples=30, deadline=None)
@given(before=ROWS, after=ROWS)
def test_it_finds_what_a_comparison_of_dicts_finds(
    tmp_path_factory: pytest.TempPathFactory, before: Rows, after: Rows
) -> None:
    """Nulls, empty texts and odd keys; columns that always differ do not count."""
    root = tmp_path_factory.mktemp("diff")
    found = compared(root, manifest(root, 1, flat(before, 1)), manifest(root, 2, flat(after, 2)))
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}

    assert (found.added, found.removed, found.changed) == (
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
        len(changed),
    )
    for each in found.examples:
        key = each.key["id"]
        if each.kind == "changed":
            assert (each.before.get("number", after[key][0])) == before[key][0]
            assert tuple(each.row.values()) == after[key]
        else:
            side = after if each.kind == "added" else before
            assert tuple(each.row.values()) == side[key]
    assert [each.key["id"] for each in found.examples] == sorted(
        (before.keys() ^ after.keys()) | changed
    )


def test_examples_are_limited_and_counts_are_not(tmp_path: Path) -> None:
    """A whole collection may differ."""
    rows: list[tuple[object, ...]] = [(f"{n:05}", n, "x", 0) for n in range(1_000)]
    found = compared(tmp_path, manifest(tmp_path, 1, []), manifest(tmp_path, 2, rows), limit=3)

    assert (found.added, len(found.examples)) == (1_000, 3)


def test_columns_may_come_go_and_change_their_type(tmp_path: Path) -> None:
    """What only one version has is null in the other; another type alone is no change."""
    before = manifest(tmp_path, 1, [("a", 1, "1"), ("b", 2, "5")], (ID, FIELDS[1], WORDS))
    fields = (ID, Field("words", Kind.INTEGER), Field("more", Kind.STRING))
    after = manifest(tmp_path, 2, [("a", 1, "new"), ("b", 6, None)], fields)
    found = compared(tmp_path, before, after)

    assert (found.new_columns, found.gone_columns) == (["more"], ["number"])
    assert found.changed == 2
    assert found.examples[0].before == {"number": 1, "more": None, "words": "1"}


def test_a_table_that_only_one_version_has_is_all_new(tmp_path: Path) -> None:
    """Or all gone."""
    rows: list[tuple[object, ...]] = [("a", 1, "x", 0)]
    there, nothing = manifest(tmp_path, 2, rows), Manifest(1)

    assert compared(tmp_path, nothing, there).added == 1
    assert compared(tmp_path, there, nothing).removed == 1


def test_a_file_that_is_gone_is_a_storage_error(tmp_path: Path) -> None:
    """With the table's name."""
    there = manifest(tmp_path, 2, [("a", 1, "x", 0)])
    (tmp_path / "2.parquet").unlink()
    with pytest.raises(StorageError, match=r"test\.items"):
        compared(tmp_path, Manifest(1), there)


TRAITS = (
    ID,
    Field("position", Kind.INTEGER),
    Field("trait_type", Kind.STRING),
    Field("value", Kind.STRING),
)


def traits_compared(root: Path, before: list[str], after: list[str]) -> TableDiff:
    """Traits of one NFT, written as "Hat=Red"."""
    first, second = (
        manifest(
            root,
            number,
            [("1", at, *each.split("=")) for at, each in enumerate(traits)],
            TRAITS,
            ("id", "position"),
        )
        for number, traits in enumerate((before, after), 1)
    )
    return compared(root, first, second)


def said(found: TableDiff) -> list[str]:
    return [
        f"{each.kind} {each.row['trait_type']}"
        + (f" {each.before['value']} -> {each.row['value']}" if each.before else "")
        for each in found.examples
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["Hat=Red", "Eyes=Blue", "Fur=Long"], ["Eyes=Blue", "Fur=Long"], ["removed Hat"]),
        (["Eyes=Blue", "Fur=Long"], ["Hat=Red", "Eyes=Blue", "Fur=Long"], ["added Hat"]),
        (["Hat=Red", "Eyes=Blue"], ["Hat=Green", "Eyes=Blue"], ["changed Hat Red -> Green"]),
        (["Hat=Red", "Eyes=Blue"], ["Eyes=Blue", "Hat=Red"], []),
        (["Pin=A", "Pin=B"], ["Pin=A", "Pin=B", "Pin=C"], ["added Pin"]),
        ([], ["Hat=Red"], ["added Hat"]),
        (["Hat=Red"], [], ["removed Hat"]),
    ],
)
def test_traits_are_told_apart_by_what_they_are_called(
    tmp_path: Path, before: list[str], after: list[str], expected: list[str]
) -> None:
    """One that comes or goes at the head of the list does not change all the others."""
    found = traits_compared(tmp_path, before, after)

    assert said(found) == expected
    assert found.added + found.removed + found.changed == len(expected)
