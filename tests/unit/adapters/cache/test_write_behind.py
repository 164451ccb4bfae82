"""Writes that are gathered, within bounds."""

import asyncio
from collections.abc import Mapping

from adapters.cache.write_behind import Variants, WriteBehind
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

CLOCK = FakeClock()


class Store:
    """Remembers batches; writes when `gate` is open."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Variants]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, batch: Mapping[str, Variants]) -> None:
        self.batches.append(dict(batch))
        await self.gate.wait()


def test_one_tick_is_one_batch_and_the_last_variant_counts() -> None:
    """Variants of a key go together, the later of two alike in place of the earlier."""

    async def check() -> None:
        store = Store()
        writes = WriteBehind(store.write)
        old, new, other = (stored(body, clock=CLOCK) for body in (b"1", b"2", b"3"))
        english = stored(b"4", clock=CLOCK, vary_key="accept-language:en")
        for key, entry in (("a", old), ("a", english), ("b", other), ("a", new)):
            await writes.add(key, entry)
        assert writes.holds(["x", "a"])
        assert not writes.holds(["x"])
        await writes.drained()

        variants = {"": new, "accept-language:en": english}
        assert store.batches == [{"a": variants, "b": {"": other}}]
        assert not writes.holds(["a", "b"])

    asyncio.run(check())


def test_a_slow_store_is_waited_for_and_memory_stays_bounded() -> None:
    """One batch is under way, one gathers, and whoever comes then waits."""

    async def check() -> None:
        store = Store()
        store.gate.clear()
        writes = WriteBehind(store.write)
        body = bytes(100_000)

        async def add_all() -> None:
            for n in range(100):
                await writes.add(f"key-{n}", stored(body, clock=CLOCK))

        adding = asyncio.create_task(add_all())
        for _ in range(20):
            await asyncio.sleep(0)
        held = sum(writes.holds([f"key-{n}"]) for n in range(100))
        assert not adding.done()
        assert 10 <= held <= 24
        store.gate.set()
        await adding
        await writes.drained()

        assert sum(map(len, store.batches)) == 100
        assert max(map(len, store.batches)) <= 11

    asyncio.run(check())
