"""Look-ups that are made together."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from adapters.cache.tick_reads import TickReads
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

ENTRY = stored(clock=FakeClock())


class Store:
    """Has every key that begins with an a; answers when `gate` is open."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        self.asked.append(list(keys))
        await self.gate.wait()
        return {key: [ENTRY] for key in keys if key.startswith("a")}


def test_one_tick_is_one_read_and_the_next_another() -> None:
    """Keys asked for by several are read once, and each gets what it asked for."""

    async def check() -> None:
        store = Store()
        reads = TickReads(store.read)
        found = await asyncio.gather(*(reads.get(keys) for keys in (["a1", "b"], ["a1"], ["a2"])))
        await reads.get(["a3"])

        assert store.asked == [["a1", "b", "a2"], ["a3"]]
        assert [list(each) for each in found] == [["a1"], ["a1"], ["a2"]]

    asyncio.run(check())


def test_a_large_batch_goes_alone_and_at_once() -> None:
    """It is worth a command of its own, and nobody waits for its bodies."""

    async def check() -> None:
        store = Store()
        reads = TickReads(store.read)
        keys = [f"a{n}" for n in range(64)]
        await asyncio.gather(reads.get(keys), reads.get(["a"]))

        assert store.asked == [keys, ["a"]]

    asyncio.run(check())


def test_a_caller_that_gives_up_leaves_the_others_alone() -> None:
    """Even when it was the first; closing waits for what is under way."""

    async def check() -> None:
        store = Store()
        store.gate.clear()
        reads = TickReads(store.read)
        first, second = (asyncio.create_task(reads.get([key])) for key in ("a1", "a2"))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        closing = asyncio.create_task(reads.close())
        await asyncio.sleep(0)
        assert not closing.done()
        store.gate.set()

        assert list(await second) == ["a2"]
        await closing

    asyncio.run(check())
