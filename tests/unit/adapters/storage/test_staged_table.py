"""Rows on their way to the disk: consistent cuts, bounded memory, another process going on."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.storage import staged_table as module
from adapters.storage.staged_table import StagedTable
from domain import staged_rows
from domain.errors import DamagedStagingError, StorageError
from domain.expectations import Expectation, RecordChecker
from domain.page_results import AnswerRows
from domain.record_block import RecordBlock
from domain.runs import RowCounts
from domain.schema import Field, Kind, Schema
from domain.tables import Record, TableSpec

AT = datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)
TABLE = TableSpec(
    "items", Schema((Field("id", Kind.INTEGER), Field("name", Kind.STRING))), key=("id",)
)


def table_in(folder: Path) -> StagedTable:
    checker = RecordChecker(TABLE, [Expectation("items", not_null=("name",))])
    return StagedTable(TABLE, "test.items", "RUN1", folder, checker)


def rows_in(table: StagedTable) -> list[dict[str, Any]]:
    return [row for batch in table.kept.batches() for row in batch.to_pylist()]


def ids_in(table: StagedTable) -> list[int]:
    return [row["id"] for row in rows_in(table)]


def records(*numbers: int) -> list[Record]:
    return [(n, f"thing {n}") for n in numbers]


def kept_out(number: int) -> Record:
    return (number, None)


@pytest.fixture
def small_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROWS", 10)
    monkeypatch.setattr(module, "_PIECE", 4)


def test_rows_arrive_on_the_disk_with_their_moments(tmp_path: Path) -> None:
    """In their order, to the microsecond."""

    async def story() -> StagedTable:
        table = table_in(tmp_path)
        table.append(records(2, 1), AT)
        table.append(records(3), AT + timedelta(microseconds=1))
        await table.flush()
        return table

    assert rows_in(asyncio.run(story())) == [
        {"id": 2, "name": "thing 2", "_fetched_at": AT},
        {"id": 1, "name": "thing 1", "_fetched_at": AT},
        {"id": 3, "name": "thing 3", "_fetched_at": AT + timedelta(microseconds=1)},
    ]


def test_blocks_and_records_keep_their_order(tmp_path: Path) -> None:
    """And each its moment, also beside what is kept out."""
    moments = [AT + timedelta(seconds=number) for number in range(6)]

    async def story() -> StagedTable:
        table = table_in(tmp_path)
        table.append(RecordBlock((), [[1, 2], ["a", "b"]]), moments[0])
        table.append(RecordBlock((), [[3, None], ["c", "d"]]), moments[1])
        table.append(records(4), moments[2])
        table.append(RecordBlock((5,), [["e", None, "f"]]), moments[3])
        await table.flush()
        table.append(RecordBlock((6,), [["g"]]), moments[4])
        table.append(RecordBlock((7,), [[]]), moments[5])
        await table.flush()
        return table

    table = asyncio.run(story())
    kept = [1, 2, 3, 4, 5, 5, 6]
    assert ids_in(table) == kept
    assert [row["_fetched_at"] for row in rows_in(table)] == [
        moments[at] for at in (0, 0, 1, 2, 3, 3, 4)
    ]
    found = [row for batch in table.kept_out.batches() for row in batch.to_pylist()]
    assert [(row["key"], row["fetched_at"]) for row in found] == [
        ("[null]", moments[1]),
        ("[5]", moments[3]),
    ]
    assert table.balance(7, 0) == RowCounts(9, 7, 2, 0)


IDS = st.integers(0, 9)
NAMES = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ANSWERS = st.lists(
    st.lists(st.tuples(IDS, NAMES), max_size=4)
    | st.lists(NAMES, max_size=4).flatmap(
        lambda names: IDS.map(lambda one: RecordBlock((one,), [names]))
    )
    | st.lists(st.tuples(IDS, NAMES), min_size=1, max_size=4).map(
        lambda rows: RecordBlock((), [list(column) for column in zip(*rows, strict=True)])
    ),
    max_size=8,
)


@settings(deadline=None)
@given(st.lists(ANSWERS, max_size=4))
def test_answers_together_are_staged_like_one_after_the_other(
    several: list[list[Sequence[Record]]],
) -> None:
    """In the same order with the same moments, and the same is kept out."""

    async def staged(folder: Path, *, together: bool) -> tuple[Any, ...]:
        table = table_in(folder)
        for at, answers in enumerate(several):
            moments = [AT + timedelta(minutes=at, seconds=n) for n in range(len(answers))]
            if together:
                table.append_answers(list(map(AnswerRows, moments, answers)))
            else:
                for moment, each in zip(moments, answers, strict=True):
                    table.append(each, moment)
        await table.flush()
        out = [row for batch in table.kept_out.batches() for row in batch.to_pylist()]
        return rows_in(table), out, table.fetched

    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(module, "_PIECE", 5)
        patched.setattr(module, "_PIECE_TEXT", 100)
        expected = asyncio.run(staged(Path(one), together=False))
        assert asyncio.run(staged(Path(other), together=True)) == expected


@pytest.mark.parametrize("odd", [None, "\ud800", 1 << 70])
def test_wide_blocks_are_converted_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    """What their records share counts for each of them."""
    monkeypatch.setattr(module, "_PIECE_TEXT", 100)
    monkeypatch.setattr(module, "_PIECE", 5)
    table = table_in(tmp_path)
    table.append(RecordBlock((odd,), [["x" * 20, "x" * 20]]), AT)
    assert not table._batches
    table.append(RecordBlock((odd,), [["x" * 70]]), AT)
    assert table._batches or table._misfits

    shared = table_in(tmp_path)
    shared.append(RecordBlock(("x" * 30,), [["y"] * 4]), AT)
    assert shared._misfits


def test_a_checkpoint_holds_what_came_before_its_call_and_nothing_after(tmp_path: Path) -> None:
    """Even if the rows after it are written first of all."""

    async def story() -> tuple[staged_rows.StagedTable, StagedTable]:
        table = table_in(tmp_path)
        table.append(records(1, 2), AT)
        table.append([kept_out(3)], AT)
        cut = table.checkpoint()
        table.append(records(4), AT)
        await table.flush()
        return await cut, table

    state, table = asyncio.run(story())
    assert (state.fetched, state.kept.rows, state.kept_out.rows) == (3, 2, 1)
    assert ids_in(table) == [1, 2, 4]

    again = table_in(tmp_path)
    asyncio.run(again.restore(state))
    assert ids_in(again) == [1, 2]
    assert again.balance(2, 0) == RowCounts(3, 2, 1, 0)


def test_a_table_without_rows_has_a_checkpoint_too(tmp_path: Path) -> None:
    """Without files."""

    async def story() -> staged_rows.StagedTable:
        return await table_in(tmp_path).checkpoint()

    assert asyncio.run(story()) == staged_rows.StagedTable()
    assert list(tmp_path.iterdir()) == []


STEPS = st.lists(
    st.sampled_from(["append", "misfit", "quarantine", "drain", "save", "die"]), max_size=40
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_what_a_killed_process_saved_is_what_the_next_one_has(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """Against a list, over any number of kills."""
    folder = tmp_path_factory.mktemp("area")

    async def story() -> None:
        table, now, saved = table_in(folder), [0, 0], [0, 0]
        state = staged_rows.StagedTable()
        for step in steps:
            match step:
                case "append":
                    table.append(records(*range(3)), AT)
                    now[0] += 3
                case "misfit":
                    table.append([("no number", "x")], AT)
                    now[1] += 1
                case "quarantine":
                    table.append([kept_out(1)], AT)
                    now[1] += 1
                case "drain":
                    await table.drain()
                case "save":
                    state, saved = await table.checkpoint(), [*now]
                case "die":
                    await table.flush()
                    table, now = table_in(folder), [*saved]
                    await table.restore(state)
        final = await table.checkpoint()
        assert [final.kept.rows, final.kept_out.rows] == now
        assert len(rows_in(table)) == now[0]
        assert table.balance(now[0], 0) == RowCounts(sum(now), now[0], now[1], 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROWS", 10)
        patch.setattr(module, "_PIECE", 4)
        asyncio.run(story())


@pytest.mark.usefixtures("small_writes")
def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    """Rows added and cut while others are being written."""

    async def lane(table: StagedTable, first: int) -> None:
        for number in range(first, first + 50):
            table.append(records(number), AT)
            await table.drain()

    async def story() -> None:
        table = table_in(tmp_path)
        async with asyncio.TaskGroup() as group:
            for at in range(4):
                group.create_task(lane(table, at * 50))
            for _ in range(10):
                before = table.fetched
                state = await table.checkpoint()
                assert state.fetched == state.kept.rows >= before
                await asyncio.sleep(0)
        await table.flush()
        assert sorted(ids_in(table)) == list(range(200))

    asyncio.run(story())


@pytest.mark.usefixtures("small_writes")
def test_little_is_held_and_much_is_written(tmp_path: Path) -> None:
    """Counted in rows."""

    async def story() -> None:
        table = table_in(tmp_path)
        table.append(records(*range(3)), AT)
        await table.drain()
        assert not table.kept.state().rows
        table.append(records(*range(12)), AT)
        await table.drain()
        assert table.kept.state().rows == 15

    asyncio.run(story())


def test_wide_rows_are_written_sooner(tmp_path: Path) -> None:
    """Counted in bytes, in both files."""

    async def story() -> None:
        table = table_in(tmp_path)
        for number in range(40):
            table.append([(number, "x" * 1_000_000)], AT)
            table.append([(None, "x" * 1_000_000)], AT)
            await table.drain()
        assert table.kept.state().rows >= 20
        assert table.kept_out.state().rows >= 20

    asyncio.run(story())


@pytest.mark.parametrize("odd", [None, "\ud800", 1 << 70, object()])
def test_wide_rows_are_converted_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    """Whatever stands beside the text."""
    monkeypatch.setattr(module, "_PIECE_TEXT", 100)
    table = table_in(tmp_path)
    table.append([(1, "x" * 30), (odd, "x" * 30)], AT)
    assert len(table._records) == 2
    table.append([(3, "x" * 50)], AT)
    assert table._records == []


def test_rows_that_do_not_fit_the_schema_are_kept_out_with_their_moment(tmp_path: Path) -> None:
    """Beside those that break an expectation."""

    async def story() -> StagedTable:
        table = table_in(tmp_path)
        table.append([(1, "x"), ("no number", "y")], AT)
        table.append([kept_out(2)], AT + timedelta(seconds=1))
        await table.flush()
        return table

    table = asyncio.run(story())
    found = [row for batch in table.kept_out.batches() for row in batch.to_pylist()]
    assert ids_in(table) == [1]
    assert [(row["rule"], row["key"], row["fetched_at"]) for row in found] == [
        ("type", '["no number"]', AT),
        ("not_null", "[2]", AT + timedelta(seconds=1)),
    ]
    assert {(row["run_id"], row["table_name"]) for row in found} == {("RUN1", "test.items")}


def test_what_does_not_add_up_is_an_error(tmp_path: Path) -> None:
    """With the counts."""

    async def story() -> StagedTable:
        table = table_in(tmp_path)
        table.append(records(1, 2), AT)
        await table.flush()
        return table

    table = asyncio.run(story())
    assert table.balance(1, 1) == RowCounts(2, 1, 0, 1)
    with pytest.raises(StorageError, match="do not add up"):
        table.balance(1, 0)


def test_after_a_failed_write_every_step_fails_and_the_checkpoint_holds(tmp_path: Path) -> None:
    """Nothing is written twice, and the next process goes on from what was saved."""
    area = tmp_path / "area"
    area.mkdir()

    async def story() -> staged_rows.StagedTable:
        table = table_in(area)
        table.append(records(1, 2), AT)
        state = await table.checkpoint()
        table.append(records(3), AT)
        area.rename(tmp_path / "away")
        with pytest.raises(StorageError):
            await table.flush()
        (tmp_path / "away").rename(area)
        for step in (table.flush, table.checkpoint):
            table.append(records(4), AT)
            with pytest.raises(StorageError):
                await step()
        return state

    state = asyncio.run(story())
    again = table_in(area)
    asyncio.run(again.restore(state))
    assert ids_in(again) == [1, 2]


def test_a_state_of_another_table_is_refused(tmp_path: Path) -> None:
    """Its name says where it belongs."""
    state = staged_rows.StagedTable(1, staged_rows.StagedFile("../x.arrows", 1, 1, "00"))

    with pytest.raises(DamagedStagingError, match="name"):
        asyncio.run(table_in(tmp_path).restore(state))
