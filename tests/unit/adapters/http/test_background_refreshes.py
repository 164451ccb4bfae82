"""Stale answers brought up to date while they are in use."""

import asyncio

from structlog.testing import capture_logs

from adapters.http.background_refreshes import MOST_AT_ONCE, BackgroundRefreshes
from domain.errors import RetryableError


def test_closing_waits_for_what_is_under_way() -> None:
    """Within its time."""

    async def check() -> list[str]:
        done: list[str] = []

        async def refresh() -> None:
            for _ in range(10):
                await asyncio.sleep(0)
            done.append("one")

        refreshes = BackgroundRefreshes()
        assert refreshes.start("one", refresh)
        await refreshes.close(60)
        return done

    assert asyncio.run(check()) == ["one"]


def test_what_takes_too_long_is_cancelled_at_the_end() -> None:
    """With one warning; no task is left."""

    async def check() -> int:
        refreshes = BackgroundRefreshes()
        refreshes.start("one", asyncio.Event().wait)
        await refreshes.close(0)
        return len(asyncio.all_tasks())

    with capture_logs() as logs:
        assert asyncio.run(check()) == 1
    assert [each["event"] for each in logs] == ["cache.refreshes_abandoned"]


def test_a_key_is_refreshed_once_at_a_time_and_there_are_not_too_many() -> None:
    """What is not begun is left for the next one who asks."""

    async def check() -> None:
        gate = asyncio.Event()
        refreshes = BackgroundRefreshes()
        assert refreshes.start(0, gate.wait)
        assert not refreshes.start(0, gate.wait)
        for n in range(1, MOST_AT_ONCE):
            assert refreshes.start(n, gate.wait)
        assert not refreshes.start("one more", gate.wait)
        gate.set()
        await refreshes.close(60)
        assert refreshes.start(0, gate.wait)
        await refreshes.close(60)

    asyncio.run(check())


def test_a_failure_is_logged() -> None:
    """Nobody waits for it; the answer stays stale."""

    async def failing() -> None:
        message = "503"
        raise RetryableError(message)

    async def broken() -> None:
        raise ZeroDivisionError

    async def check() -> None:
        refreshes = BackgroundRefreshes()
        refreshes.start("one", failing)
        refreshes.start("two", broken)
        await refreshes.close(60)

    with capture_logs() as logs:
        asyncio.run(check())
    assert [each["log_level"] for each in logs] == ["warning", "error"]


def test_a_cancelled_close_leaves_no_task() -> None:
    """Whoever is in a hurry cancels the refreshes too."""

    async def check() -> int:
        refreshes = BackgroundRefreshes()
        refreshes.start("one", asyncio.Event().wait)
        closing = asyncio.create_task(refreshes.close(60))
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait((closing,))
        assert closing.cancelled()
        return len(asyncio.all_tasks())

    assert asyncio.run(check()) == 1
