import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.limits.slots import Slots


def test_places_are_given_first_come_first_served() -> None:
    """Nobody passes those who wait."""

    async def run() -> list[int]:
        slots = Slots(1)
        came: list[int] = []

        async def visit(number: int) -> None:
            await slots.take()
            came.append(number)
            await asyncio.sleep(0)
            slots.give_back()

        await asyncio.gather(*(visit(number) for number in range(5)))
        assert slots.idle
        return came

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


def test_a_free_place_is_not_for_those_who_come_later() -> None:
    """`try_take` respects the queue."""

    async def run() -> None:
        slots = Slots(1)
        assert slots.try_take()
        waiting = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        slots.give_back()
        assert not slots.try_take()
        await waiting
        slots.give_back()
        assert slots.try_take()

    asyncio.run(run())


def test_shrinking_takes_effect_as_places_come_back() -> None:
    """Growing lets those who wait in at once."""

    async def run() -> tuple[bool, bool, bool]:
        slots = Slots(2)
        assert slots.try_take()
        assert slots.try_take()
        slots.resize(1)
        waiting = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        slots.give_back()
        await asyncio.sleep(0)
        shrunk = waiting.done()
        slots.resize(2)
        await asyncio.sleep(0)
        grown = waiting.done()
        slots.give_back()
        slots.give_back()
        return shrunk, grown, slots.idle

    assert asyncio.run(run()) == (False, True, True)


def test_a_cancelled_visitor_keeps_no_place() -> None:
    """Neither while it waits nor when its place comes together with the cancellation."""

    async def run() -> None:
        slots = Slots(1)
        assert slots.try_take()
        waiting, late, last = (asyncio.create_task(slots.take()) for _ in range(3))
        await asyncio.sleep(0)
        waiting.cancel()
        slots.give_back()  # the place is `late`'s now
        late.cancel()
        await asyncio.gather(waiting, late, return_exceptions=True)
        await last
        slots.give_back()
        assert slots.idle

    asyncio.run(run())


@settings(deadline=None, max_examples=50)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=10),
    cancelled=st.sets(st.integers(0, 39), max_size=20),
)
def test_no_more_than_the_size_and_none_lost(sizes: list[int], cancelled: set[int]) -> None:
    """Whatever is resized and cancelled meanwhile."""

    async def run() -> None:
        slots = Slots(sizes[0])
        inside = most = 0

        async def visit() -> None:
            nonlocal inside, most
            await slots.take()
            inside += 1
            most = max(most, inside)
            try:
                await asyncio.sleep(0)
            finally:
                inside -= 1
                slots.give_back()

        visits = [asyncio.create_task(visit()) for _ in range(40)]
        for number, size in enumerate(sizes):
            await asyncio.sleep(0)
            slots.resize(size)
            for each in cancelled:
                if each % len(sizes) == number:
                    visits[each].cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        assert most <= max(sizes)
        assert slots.idle

    asyncio.run(run())
