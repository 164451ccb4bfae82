"""Members of a crew meet where work is done once for all of them."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress

import pytest

from application.crew import Crew, Meeting
from domain.errors import StorageError
from tests.fakes.still_clock import StillClock


class Table:
    """A meeting that notes who came together, and gives each his own item back."""

    def __init__(self, crew: Crew) -> None:
        self.sittings: list[list[str]] = []
        self.refused: set[str] = set()
        self.opened = asyncio.Event()
        self.opened.set()
        self.working = asyncio.Event()
        self.meeting = Meeting[str, str](crew, self._work, 7.0)

    async def _work(self, items: Sequence[str]) -> Sequence[str | Exception]:
        self.sittings.append(sorted(items))
        self.working.set()
        await self.opened.wait()
        return [StorageError(each) if each in self.refused else each for each in items]


async def attend(crew: Crew, table: Table, name: str, after: asyncio.Event | None = None) -> str:
    with crew.membership():
        if after is not None:
            await after.wait()
        return await table.meeting.attend(name)


async def together(crew: Crew, *work: Coroutine[object, object, str]) -> list[object]:
    """All of them are members before any of them waits."""
    with crew.membership():
        tasks = [asyncio.create_task(each) for each in work]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_work_waits_until_every_member_waits() -> None:
    """Those who are busy are waited for; who has left is not."""

    async def story() -> list[list[str]]:
        crew, late = Crew(StillClock()), asyncio.Event()
        table = Table(crew)
        work = [attend(crew, table, "early"), attend(crew, table, "late", late)]
        task = asyncio.create_task(together(crew, *work))
        await settle()
        assert (table.sittings, task.done()) == ([], False)
        late.set()
        await task
        return table.sittings

    assert asyncio.run(story()) == [["early", "late"]]


def test_a_member_that_leaves_is_not_waited_for() -> None:
    """It has failed, for example."""

    async def story() -> list[list[str]]:
        crew, end = Crew(StillClock()), asyncio.Event()
        table = Table(crew)

        async def leave() -> None:
            with crew.membership():
                await end.wait()

        async with asyncio.TaskGroup() as group:
            group.create_task(leave())
            group.create_task(attend(crew, table, "one"))
            await settle()
            assert table.sittings == []
            end.set()
        return table.sittings

    assert asyncio.run(story()) == [["one"]]


def test_patience_ends() -> None:
    """A member that is busy for long does not hold up the others for ever."""

    async def story() -> list[list[str]]:
        clock = StillClock()
        crew, late = Crew(clock), asyncio.Event()
        table = Table(crew)
        async with asyncio.TaskGroup() as group:
            group.create_task(attend(crew, table, "late", late))
            for name in ("one", "two"):
                group.create_task(attend(crew, table, name))
            await settle()
            assert clock.slept == [7.0]
            clock.wake()
            await settle()
            late.set()
        return table.sittings

    assert asyncio.run(story()) == [["one", "two"], ["late"]]


def test_those_who_come_while_the_work_goes_on_are_next() -> None:
    """Two pieces of it never overlap."""

    async def story() -> list[list[str]]:
        crew = Crew(StillClock())
        table = Table(crew)
        table.opened.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(attend(crew, table, "one"))
            await table.working.wait()
            group.create_task(attend(crew, table, "two"))
            await settle()
            assert table.sittings == [["one"]]
            table.opened.set()
        return table.sittings

    assert asyncio.run(story()) == [["one"], ["two"]]


def test_an_error_is_its_own_members_and_one_of_the_work_is_everybodys() -> None:
    """What the others brought is done."""

    async def story() -> list[object]:
        crew = Crew(StillClock())
        table = Table(crew)
        table.refused = {"two"}
        found = await together(crew, *(attend(crew, table, n) for n in ("one", "two", "three")))

        async def fail(items: Sequence[str]) -> Sequence[str]:
            raise StorageError(str(len(items)))

        broken = Meeting[str, str](crew, fail, 7.0)

        async def meet() -> str:
            with crew.membership():
                return await broken.attend("x")

        return [*found, *await together(crew, meet(), meet())]

    one, two, three, *both = asyncio.run(story())
    assert (one, three) == ("one", "three")
    assert isinstance(two, StorageError)
    assert [str(each) for each in both] == ["2", "2"]


def test_who_is_cancelled_before_takes_his_item_back() -> None:
    """And is not waited for."""

    async def story() -> list[list[str]]:
        crew, late = Crew(StillClock()), asyncio.Event()
        table = Table(crew)
        async with asyncio.TaskGroup() as group:
            group.create_task(attend(crew, table, "late", late))
            gone = group.create_task(attend(crew, table, "gone"))
            await settle()
            gone.cancel()
            await settle()
            late.set()
        return table.sittings

    assert asyncio.run(story()) == [["late"]]


def test_who_is_cancelled_while_the_work_goes_on_waits_for_its_end() -> None:
    """Nobody cleans up what somebody else still writes."""

    async def story() -> tuple[bool, bool]:
        crew = Crew(StillClock())
        table = Table(crew)
        table.opened.clear()
        task = asyncio.create_task(attend(crew, table, "one"))
        await table.working.wait()
        task.cancel()
        await settle()
        waited = not task.done()
        table.opened.set()
        with suppress(asyncio.CancelledError):
            await task
        return waited, task.cancelled()

    assert asyncio.run(story()) == (True, True)


def test_in_haste_nobody_is_waited_for() -> None:
    """The command is to end."""

    async def story() -> list[list[str]]:
        crew, late = Crew(StillClock()), asyncio.Event()
        table = Table(crew)
        async with asyncio.TaskGroup() as group:
            group.create_task(attend(crew, table, "late", late))
            group.create_task(attend(crew, table, "one"))
            await settle()
            crew.hurry()
            await settle()
            late.set()
        return table.sittings

    assert asyncio.run(story()) == [["one"], ["late"]]


def test_work_that_takes_long_waits_longer_for_more() -> None:
    """It takes a tenth of the time at most."""

    async def story() -> list[float]:
        clock = StillClock()
        crew = Crew(clock)

        async def slow(items: Sequence[str]) -> Sequence[str]:
            clock.advance(3.0)
            return items

        meeting = Meeting[str, str](crew, slow, 7.0)
        for name in ("one", "two"):
            with crew.membership(), crew.membership():
                task = asyncio.create_task(meeting.attend(name))
                await settle()
            await task
        await crew.close()
        return clock.slept

    assert asyncio.run(story()) == [7.0, 30.0]


@pytest.mark.parametrize("members", [1, 40])
def test_all_go_through_several_meetings(members: int) -> None:
    """Whoever is through one is at the next; nobody waits for ever."""

    async def story() -> tuple[int, int]:
        crew = Crew(StillClock())
        tables = [Table(crew), Table(crew)]

        async def walk(name: str) -> str:
            with crew.membership():
                for table in tables:
                    assert await table.meeting.attend(name) == name
            return name

        await together(crew, *(walk(f"{number:02}") for number in range(members)))
        first, second = (table.sittings for table in tables)
        assert first == second
        return len(first), len(second)

    assert asyncio.run(story()) == (1, 1)
