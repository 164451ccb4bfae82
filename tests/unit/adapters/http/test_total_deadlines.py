import asyncio

import pytest

from adapters.http.total_deadlines import TotalDeadlines


def test_a_block_that_takes_too_long_ends_with_a_timeout() -> None:
    """And the task goes on as if it had never been cancelled."""

    async def check() -> None:
        deadlines = TotalDeadlines()
        with pytest.raises(TimeoutError), deadlines.within(0.01):
            await asyncio.Event().wait()
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await asyncio.sleep(0)

    asyncio.run(check())


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_left_is_a_timeout_at_the_first_wait(seconds: float) -> None:
    """What needs no wait is done all the same."""

    async def check() -> None:
        deadlines = TotalDeadlines()
        with deadlines.within(seconds):
            done = True
        assert done
        with pytest.raises(TimeoutError), deadlines.within(seconds):
            await asyncio.Event().wait()

    asyncio.run(check())


def test_a_deadline_ends_its_own_block_and_no_other() -> None:
    """A later one that is shorter goes first; one that is over in time is left alone."""

    async def check() -> None:
        deadlines = TotalDeadlines()
        ended: list[str] = []
        never = asyncio.Event()

        async def block(name: str, seconds: float, wait: asyncio.Event) -> None:
            try:
                with deadlines.within(seconds):
                    await wait.wait()
                    ended.append(f"{name} in time")
            except TimeoutError:
                ended.append(f"{name} late")

        soon = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(block("long", 0.1, never))
            group.create_task(block("short", 0.02, never))
            group.create_task(block("whole", 60.0, soon))
            group.create_task(block("early", 60.0, soon))
            await asyncio.sleep(0)
            soon.set()
        assert ended == ["whole in time", "early in time", "short late", "long late"]

    asyncio.run(check())


def test_a_cancellation_from_elsewhere_stays_one() -> None:
    """Also when the time is over at the same moment (as asyncio.timeout has it)."""

    async def check() -> None:
        deadlines = TotalDeadlines()

        async def block(seconds: float) -> None:
            with deadlines.within(seconds):
                await asyncio.Event().wait()

        for seconds in (60.0, 0.0):
            task = asyncio.create_task(block(seconds))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()

    asyncio.run(check())


def test_an_error_of_the_block_is_its_own() -> None:
    """Nothing is made of it, and nothing is left that would go off later."""

    async def check() -> None:
        deadlines = TotalDeadlines()
        with pytest.raises(KeyError), deadlines.within(0.01):
            raise KeyError
        await asyncio.sleep(0.03)

    asyncio.run(check())
