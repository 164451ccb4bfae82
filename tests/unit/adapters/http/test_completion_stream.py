"""Jobs in the background of a context, their results as they complete."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.http.completion_stream import CompletionStream
from adapters.http.fetch_counters import FetchCounters
from adapters.http.worker_room import WorkerRoom


def crew(concurrency: int) -> WorkerRoom:
    """So many workers, of which none waits for a host."""
    return WorkerRoom(concurrency, FetchCounters())


async def results_of[J, R](stream: CompletionStream[J, R]) -> AsyncGenerator[R]:
    """Each result, one at a time."""
    while stream.ready or await stream.more():
        yield stream.take()


def test_each_result_comes_once_in_the_order_of_completion() -> None:
    """The last job to end is the last to be heard of."""

    async def check() -> None:
        ends = {number: asyncio.Event() for number in range(3)}

        async def run(number: int) -> int:
            await ends[number].wait()
            return number

        async with CompletionStream(run, range(3), 3, crew(3)) as stream:
            results = results_of(stream)
            for number in (2, 0, 1):
                ends[number].set()
                assert await anext(results) == number
            with pytest.raises(StopAsyncIteration):
                await anext(results)

    asyncio.run(check())


def test_jobs_wait_for_a_slow_consumer() -> None:
    """As many results wait as there are workers, and each worker holds one more."""

    async def check() -> None:
        started: list[int] = []

        async def run(number: int) -> int:
            started.append(number)
            return number

        async with CompletionStream(run, range(20), 3, crew(3)) as stream:
            results = results_of(stream)
            seen = [await anext(results)]
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(started) <= 1 + 3 + 3
            seen += [number async for number in results]
        assert sorted(seen) == list(range(20))

    asyncio.run(check())


def test_a_failure_comes_after_the_results_that_were_there_before_it() -> None:
    """The consumer gets what was ready, then the error itself and no group."""

    async def check() -> None:
        async def run(number: int) -> int:
            if number == 1:
                raise ValueError(number)
            return number

        async with CompletionStream(run, range(5), 1, crew(1)) as stream:
            results = results_of(stream)
            assert await anext(results) == 0
            with pytest.raises(ValueError, match="1"):
                await anext(results)

    asyncio.run(check())


def test_leaving_the_context_cancels_what_is_left() -> None:
    """Jobs that run, and workers whose results nobody takes, have ended by then."""

    async def check() -> None:
        cancelled: list[int] = []

        async def run(number: int) -> int:
            if number < 4:
                return number
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(number)
                raise
            return number

        async with CompletionStream(run, range(9), 2, crew(2)) as stream:
            results = results_of(stream)
            for _ in range(4):
                await anext(results)
            for _ in range(5):
                await asyncio.sleep(0)
        assert sorted(cancelled) == [4, 5]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(check())


def test_no_jobs_are_no_results() -> None:
    """Nothing runs, and nothing is waited for."""

    async def check() -> None:
        async def run(number: int) -> int:
            return number

        async with CompletionStream(run, (), 4, crew(4)) as stream:
            assert [number async for number in results_of(stream)] == []

    asyncio.run(check())


def test_jobs_that_would_have_to_wait_begin_when_there_is_room() -> None:
    """A few begin at once; the others follow although none of those that began has ended."""

    async def check() -> None:
        started: list[int] = []
        blocked = asyncio.Event()
        counters = FetchCounters()

        async def run(number: int) -> int:
            started.append(number)
            if number < 20:
                await blocked.wait()
            return number

        async with CompletionStream(run, range(24), 64, WorkerRoom(16, counters)) as stream:
            results = results_of(stream)
            first = asyncio.ensure_future(anext(results))
            for _ in range(5):
                await asyncio.sleep(0)
            assert len(started) == 16
            counters.waiting = 5
            assert await first == 20
            blocked.set()
            assert sorted([number async for number in results]) == [*range(20), 21, 22, 23]

    asyncio.run(check())


def test_the_last_result_is_the_end_although_more_workers_could_begin() -> None:
    """Nobody waits for the next look at how much room there is."""

    async def check() -> None:
        async def run(number: int) -> int:
            return number

        loop = asyncio.get_running_loop()
        async with CompletionStream(run, range(9), 64, crew(0)) as stream:
            begun = loop.time()
            assert len([number async for number in results_of(stream)]) == 9
            assert loop.time() == begun

    with asyncio.Runner(loop_factory=_StoppedLoop) as runner:
        runner.run(check())


def test_workers_that_are_cancelled_before_they_begin_leave_the_crew_too() -> None:
    """Else every batch that is given up would leave less room to those after it."""

    async def check() -> None:
        room = crew(8)

        async def run(number: int) -> int:
            return number

        async with CompletionStream(run, range(8), 8, room) as stream:
            await asyncio.sleep(0)
            assert (room.workers, len(stream.ready)) == (8, 0)
        assert room.workers == 0

    asyncio.run(check())


def test_workers_go_on_from_batch_to_batch() -> None:
    """Two batches that overlap are done by no more tasks than may work at once."""

    async def check() -> None:
        room = crew(2)
        workers: set[asyncio.Task[object] | None] = set()

        async def run(number: int) -> int:
            workers.add(asyncio.current_task())
            await asyncio.sleep(0)
            return number

        async with CompletionStream(run, range(9), 9, room) as one:
            await asyncio.sleep(0)
            async with CompletionStream(run, range(9), 9, room) as other:
                seen = [number async for number in results_of(one)]
                seen += [number async for number in results_of(other)]
        assert sorted(seen) == sorted([*range(9)] * 2)
        assert len(workers) <= 3  # one at least begins with each batch, however full the room

    asyncio.run(check())


@pytest.mark.parametrize("fails", [True, False])
def test_the_end_of_a_batch_is_not_that_of_another(fails: bool) -> None:
    """One fails or is left while the other, done by the same workers, is under way."""

    async def check() -> None:
        room = crew(4)
        gate, taken = asyncio.Event(), asyncio.Event()

        async def blocked(number: int) -> int:
            await gate.wait()
            return number

        async def run(number: int) -> int:
            if number >= 3:
                await taken.wait()
            if fails and number == 3:
                raise ValueError(number)
            await (asyncio.sleep(0) if number < 3 else asyncio.Event().wait())
            return number

        async with CompletionStream(blocked, range(6), 4, room) as other:
            async with CompletionStream(run, range(6), 4, room) as one:
                results = results_of(one)
                assert [await anext(results) for _ in range(3)] == [0, 1, 2]
                taken.set()
                if fails:
                    with pytest.raises(ValueError, match="3"):
                        await anext(results)
            gate.set()
            assert sorted([number async for number in results_of(other)]) == [*range(6)]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(check())


class _StoppedLoop(asyncio.SelectorEventLoop):
    """Its time does not pass, so that no timer goes off."""

    def time(self) -> float:
        return 0.0
