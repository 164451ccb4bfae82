import asyncio

import pytest

from adapters.http.fetch_counters import FetchCounters
from adapters.http.limits.host_breaker import HostBreaker
from domain.circuit_breaker import STRIKES
from domain.errors import UpstreamDownError
from tests.fakes.fake_clock import FakeClock


class Opened:
    """A breaker that five failures have just opened."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.counters = FetchCounters()
        self.breaker = HostBreaker("a.test", self.clock, self.counters)
        for _ in range(5):
            self.fail()

    def fail(self, *, is_probe: bool = False) -> None:
        self.breaker.failed("no connection", STRIKES, is_probe=is_probe)

    def probe(self) -> None:
        self.clock.advance(self.breaker.delay())
        assert self.breaker.enter()


def test_f001_only_one_request_is_the_probe() -> None:
    """And none before the pause is over."""
    opened = Opened()
    assert not opened.breaker.enter()
    opened.probe()
    assert not opened.breaker.enter()


def test_those_who_wait_for_the_probe_hear_of_its_end() -> None:
    """However it ended."""

    async def run() -> list[bool]:
        opened = Opened()
        opened.probe()
        waiting = [asyncio.create_task(opened.breaker.wait_for_probe()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        opened.fail(is_probe=True)
        opened.breaker.leave(is_probe=True)
        waited = await asyncio.gather(*waiting)
        assert not await opened.breaker.wait_for_probe()
        assert opened.breaker.delay() == 4.0
        return waited

    assert asyncio.run(run()) == [True] * 3


def test_a_straggler_neither_fails_the_probe_nor_waits_for_it_once_the_host_answers() -> None:
    """A failure from before says nothing; an answer closes the circuit at once."""

    async def run() -> None:
        opened = Opened()
        opened.probe()
        opened.fail()
        assert opened.breaker.delay() == 0.0
        opened.breaker.answered()
        assert opened.breaker.closed
        assert not await opened.breaker.wait_for_probe()

    asyncio.run(run())


def test_f048_a_host_is_given_up_once_and_by_name() -> None:
    """Every later request hears why, and nothing brings it back."""
    opened = Opened()
    for _ in range(3):
        opened.breaker.check()
        opened.probe()
        opened.fail(is_probe=True)
        opened.breaker.leave(is_probe=True)
    opened.breaker.answered()
    opened.breaker.give_up("again")
    with pytest.raises(UpstreamDownError, match=r"a\.test is given up: no connection"):
        opened.breaker.check()
    assert opened.counters.snapshot().given_up == ("a.test",)
    assert opened.counters.snapshot().hosts_given_up == 1
