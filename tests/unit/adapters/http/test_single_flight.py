"""One exchange for all who ask the same at the same time."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.http.single_flight import SingleFlight
from domain.errors import PermanentError, RetryableError


class Upstream:
    """Answers when it is let; counts who asks."""

    def __init__(self, outcome: int | Exception = 1) -> None:
        self.outcome = outcome
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def settled() -> None:
    """All tasks have gone as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


def fifty(
    flights: SingleFlight[str, int], upstream: Upstream, serves: Callable[[int], bool]
) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(flights.run("key", upstream.ask, serves)) for _ in range(50)]


def test_fifty_at_once_cost_one_exchange() -> None:
    """All have the leader's answer; the next to come asks anew."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream()
        tasks = fifty(flights, upstream, bool)
        await settled()
        upstream.gate.set()

        assert await asyncio.gather(*tasks) == [1] * 50
        assert upstream.asked == 1
        await flights.run("key", upstream.ask, bool)
        assert upstream.asked == 2

    asyncio.run(check())


@pytest.mark.parametrize("error", [RetryableError("broken"), PermanentError("TLS")])
def test_a_leaders_error_is_everybodys(error: Exception) -> None:
    """A failing upstream is not asked fifty times."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream(error)
        tasks = fifty(flights, upstream, bool)
        await settled()
        upstream.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

        assert outcomes == [error] * 50
        assert upstream.asked == 1

    asyncio.run(check())


def test_a_cancelled_leader_is_replaced() -> None:
    """One of those who wait takes its place; nobody hangs, nobody else is cancelled."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream()
        leader, *others = fifty(flights, upstream, bool)
        await settled()
        leader.cancel()
        await settled()
        upstream.gate.set()

        assert await asyncio.gather(*others) == [1] * 49
        assert leader.cancelled()
        assert upstream.asked == 2
        assert upstream.most_at_once == 1

    asyncio.run(check())


def test_a_cancelled_follower_disturbs_nobody() -> None:
    """The exchange goes on for the others."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream()
        leader, one, *others = fifty(flights, upstream, bool)
        await settled()
        one.cancel()
        await settled()
        upstream.gate.set()

        assert await asyncio.gather(leader, *others) == [1] * 49
        assert upstream.asked == 1

    asyncio.run(check())


def test_those_whom_the_answer_does_not_serve_are_not_lined_up() -> None:
    """They ask all at once, not one after another."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream()
        first = asyncio.Event()

        async def ask() -> int:
            if upstream.asked == 0:
                upstream.asked += 1
                await first.wait()
                return 1
            return await upstream.ask()

        tasks = [asyncio.create_task(flights.run("key", ask, lambda _: False)) for _ in range(50)]
        await settled()
        first.set()
        await settled()
        assert upstream.most_at_once == 49
        upstream.gate.set()
        assert await asyncio.gather(*tasks) == [1] * 50

    asyncio.run(check())


def test_other_keys_do_not_wait() -> None:
    """Each key has a flight of its own."""

    async def check() -> None:
        flights, upstream = SingleFlight[str, int](), Upstream()
        tasks = [asyncio.create_task(flights.run(str(n), upstream.ask, bool)) for n in range(9)]
        await settled()
        assert upstream.most_at_once == 9
        upstream.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(check())
