"""A cancellation waits for the work that it must not tear apart."""

import asyncio
import threading

import pytest

from adapters.storage.uninterrupted import uninterrupted


def test_results_and_errors_come_through() -> None:
    """As if the work had been awaited directly."""

    async def fails() -> None:
        message = "inside"
        raise ValueError(message)

    async def story() -> int:
        with pytest.raises(ValueError, match="inside"):
            await uninterrupted(fails())
        return await uninterrupted(asyncio.to_thread(lambda: 42))

    assert asyncio.run(story()) == 42


@pytest.mark.parametrize("fails", [False, True])
def test_a_cancellation_is_raised_when_the_thread_has_ended(*, fails: bool) -> None:
    """Also a second one, and also when the work fails meanwhile."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)
        ended.set()
        if fails:
            message = "seen by nobody"
            raise ValueError(message)

    async def story() -> None:
        task = asyncio.create_task(uninterrupted(asyncio.to_thread(work)))
        await asyncio.to_thread(begun.wait)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(story())
