"""What every store for HTTP answers does."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from application.ports.response_cache import DERIVED, PurgeFilter, ResponseCache
from domain.errors import StorageError
from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse
from tests.fakes.fake_clock import FakeClock

type Opener = Callable[[], AbstractAsyncContextManager[ResponseCache]]

DAY = 86400.0


def stored(
    body: bytes = b'{"name": "One"}',
    *,
    clock: FakeClock,
    source: str = "opensea",
    url: str = "https://api.example/nft/1",
    vary_key: str = "",
    age: float = 0.0,
) -> StoredResponse:
    """An entry that was received `age` seconds ago and is of use for a day."""
    received = clock.now().timestamp() - age
    return StoredResponse(
        source=source,
        url=url,
        status=200,
        headers=Headers((("content-type", "application/json"), ("etag", '"1"'))),
        body=body,
        vary_key=vary_key,
        requested_at=received - 0.5,
        received_at=received,
        body_received_at=received,
        expires_at=received + DAY,
    )


class ResponseCacheContract:
    """Subclasses give a `clock` and an `opener`: each opening sees what the earlier ones stored."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def opener(self, clock: FakeClock) -> Opener:
        raise NotImplementedError

    def test_what_was_put_is_found(self, opener: Opener, clock: FakeClock) -> None:
        """A stored answer comes back whole, equal in every member."""
        entry = stored(b"\x00\xff" * 3000, clock=clock)

        async def check(cache: ResponseCache) -> None:
            await cache.put("a", entry)

            assert {"a": [entry]} == lists(await cache.get_many(["a"]))

        run(opener, check)

    def test_a_batch_finds_the_keys_that_are_there(self, opener: Opener, clock: FakeClock) -> None:
        """Of many keys those that have entries are answered; the others are left out."""
        entries = {f"key-{n}": stored(b"%d" % n, clock=clock) for n in range(700)}

        async def check(cache: ResponseCache) -> None:
            for key, entry in entries.items():
                await cache.put(key, entry)
            found = await cache.get_many(["missing", *entries, "also missing"])

            assert {key: [entry] for key, entry in entries.items()} == lists(found)
            assert await cache.get_many([]) == {}

        run(opener, check)

    def test_a_variant_replaces_its_own_kind_only(self, opener: Opener, clock: FakeClock) -> None:
        """Variants of one key live side by side, each in place of its predecessor."""
        english = stored(b"one", clock=clock, vary_key="accept-language:en")
        german = stored(b"eins", clock=clock, vary_key="accept-language:de")
        newer = english._replace(body=b"won")

        async def check(cache: ResponseCache) -> None:
            for entry in (english, german, newer):
                await cache.put("a", entry)
            found = await cache.get_many(["a"])

            assert {b"won", b"eins"} == {each.body for each in found["a"]}

        run(opener, check)

    @pytest.mark.parametrize("long", [1, 5_000])
    def test_a_variant_that_comes_alone_replaces_all(
        self, opener: Opener, clock: FakeClock, long: int
    ) -> None:
        """Those that are stored, and those that are still to be; what comes later is kept."""

        def body(text: bytes) -> StoredResponse:
            return stored(text * long, clock=clock, vary_key=f"accept:{text.decode()}")

        async def check() -> None:
            async with opener() as first:
                await first.put("a", body(b"1"))
                await first.put("b", body(b"1"))
                await first.close()
            async with opener() as second:
                await second.put("a", body(b"2"))
                await second.put("a", body(b"3"), alone=True)
                await second.put("a", body(b"4"))
                await second.close()
            async with opener() as third:
                found = await third.get_many(["a", "b"])
                assert {key: {each.vary_key for each in found[key]} for key in found} == {
                    "a": {"accept:3", "accept:4"},
                    "b": {"accept:1"},
                }

        asyncio.run(check())

    def test_what_is_forgotten_is_gone(self, opener: Opener, clock: FakeClock) -> None:
        """Forgetting drops all variants of the keys and nothing else."""

        async def check(cache: ResponseCache) -> None:
            for key in ("a", "b"):
                await cache.put(key, stored(clock=clock, vary_key="accept:x"))
                await cache.put(key, stored(clock=clock, vary_key="accept:y"))
            await cache.forget(["a", "unknown"])
            await cache.forget([])

            assert list(await cache.get_many(["a", "b"])) == ["b"]

        run(opener, check)

    def test_an_entry_of_no_use_any_more_is_not_handed_out(
        self, opener: Opener, clock: FakeClock
    ) -> None:
        """From the moment of its `expires_at`, though the store may still hold it."""
        short = stored(clock=clock)._replace(expires_at=clock.now().timestamp() + 10)
        long = stored(clock=clock, vary_key="accept:x")

        async def check(cache: ResponseCache) -> None:
            await cache.put("a", short)
            await cache.put("b", short)
            await cache.put("a", long)
            clock.advance(9.9)
            assert set(await cache.get_many(["a", "b"])) == {"a", "b"}
            clock.advance(0.1)

            assert lists(await cache.get_many(["a", "b"])) == {"a": [long]}

        run(opener, check)

    @pytest.mark.parametrize("sizes", [(10, 5000), (5000, 10), (10, 5000, 11)])
    def test_the_last_answer_counts_whatever_its_length(
        self, opener: Opener, clock: FakeClock, sizes: tuple[int, ...]
    ) -> None:
        """Short answers and long ones under one key, written one after another."""

        async def check() -> None:
            async with opener() as cache:
                for size in sizes:
                    await cache.put("key", stored(b"x" * size, clock=clock))
                (found,) = (await cache.get_many(["key"]))["key"]
            assert len(found.body) == sizes[-1]

        asyncio.run(check())

    def test_a_later_write_is_a_later_write(self, opener: Opener, clock: FakeClock) -> None:
        """Forgetting drops what was put just before, and nothing that is put just after."""
        entry, newer = stored(b"1", clock=clock), stored(b"2", clock=clock)

        async def check(cache: ResponseCache) -> None:
            await cache.put("a", entry)
            await cache.forget(["a"])
            assert await cache.get_many(["a"]) == {}
            await cache.put("a", entry)
            await cache.put("a", newer)
            assert lists(await cache.get_many(["a", "a"])) == {"a": [newer]}

        run(opener, check)

    def test_single_look_ups_at_once(self, opener: Opener, clock: FakeClock) -> None:
        """Many tasks that each want one key get their own; one that gives up harms no other."""
        entries = {f"key-{n}": stored(b"%d" % n, clock=clock) for n in range(40)}

        async def check(cache: ResponseCache) -> None:
            for key, entry in entries.items():
                await cache.put(key, entry)
            wanted = [asyncio.create_task(cache.get_many([key, "none"])) for key in entries]
            given_up = asyncio.create_task(cache.get_many(["key-1"]))
            await asyncio.sleep(0)
            given_up.cancel()
            found = [lists(await task) for task in wanted]

            assert found == [{key: [entry]} for key, entry in entries.items()]

        run(opener, check)

    def test_entries_outlive_the_opening(self, opener: Opener, clock: FakeClock) -> None:
        """What one opening stored, the next one finds; closing twice is harmless."""
        entry = stored(clock=clock)

        async def check() -> None:
            async with opener() as first:
                await first.put("a", entry)
                await first.close()
            async with opener() as second:
                assert {"a": [entry]} == lists(await second.get_many(["a"]))

        asyncio.run(check())

    def test_usage_counts_by_source(self, opener: Opener, clock: FakeClock) -> None:
        """Entries and bytes add up over the sources."""

        async def check(cache: ResponseCache) -> None:
            assert (await cache.usage()).entries == 0
            for n in range(5):
                await cache.put(f"nft-{n}", stored(clock=clock))
            await cache.put("candles", stored(clock=clock, source="binance"))
            usage = await cache.usage()

            assert usage.entries == 6
            assert {name: count for name, (count, _) in usage.sources.items()} == {
                "opensea": 5,
                "binance": 1,
            }
            assert 0 < usage.bytes == sum(size for _, size in usage.sources.values())
            assert usage.store

        run(opener, check)

    @pytest.mark.parametrize(
        ("which", "kept"),
        [
            (PurgeFilter(), set()),
            (PurgeFilter(source="opensea"), {"other"}),
            (PurgeFilter(url_prefix="https://api.example/a%_"), {"new", "other"}),
            (PurgeFilter(older_than=timedelta(hours=1)), {"new", "other"}),
            (PurgeFilter(source="binance", older_than=timedelta(hours=1)), {"old", "new", "other"}),
        ],
    )
    def test_purge_drops_what_the_filter_names(
        self, opener: Opener, clock: FakeClock, which: PurgeFilter, kept: set[str]
    ) -> None:
        """All conditions of a filter hold together; the number of dropped entries is told."""
        entries = {
            "old": stored(clock=clock, age=7200.0, url="https://api.example/a%_1"),
            "new": stored(clock=clock, url="https://api.example/abc"),
            "other": stored(clock=clock, source="binance", url="https://other.example/a%_1"),
        }

        async def check(cache: ResponseCache) -> None:
            for key, entry in entries.items():
                await cache.put(key, entry)

            assert 3 - len(kept) == await cache.count(which)
            assert 3 - len(kept) == await cache.purge(which)
            assert await cache.count(which) == 0
            assert kept == set(await cache.get_many(list(entries)))

        run(opener, check)

    @pytest.mark.parametrize(
        ("which", "kept"),
        [
            (PurgeFilter(url_prefix="https://api.example/"), {"answer"}),
            (PurgeFilter(source="binance"), {"answer", "derived"}),
            (PurgeFilter(older_than=timedelta(hours=1)), {"answer"}),
        ],
    )
    def test_what_is_derived_goes_with_any_address(
        self, opener: Opener, clock: FakeClock, which: PurgeFilter, kept: set[str]
    ) -> None:
        """It may have been made of what is dropped; source and age count as ever."""
        derived = stored(clock=clock, url=f"{DERIVED}https://other.example/1", age=7200.0)

        async def check(cache: ResponseCache) -> None:
            await cache.put("derived", derived)
            await cache.put("answer", stored(clock=clock, url="https://other.example/1"))

            assert 2 - len(kept) == await cache.count(which)
            assert 2 - len(kept) == await cache.purge(which)
            assert kept == set(await cache.get_many(["derived", "answer"]))

        run(opener, check)

    def test_purge_spares_the_newer_variant(self, opener: Opener, clock: FakeClock) -> None:
        """Of one key's variants only those that the filter names are dropped."""

        async def check(cache: ResponseCache) -> None:
            await cache.put("a", stored(b"old", clock=clock, vary_key="accept:x", age=7200.0))
            await cache.put("a", stored(b"new", clock=clock, vary_key="accept:y"))

            assert await cache.purge(PurgeFilter(older_than=timedelta(hours=1))) == 1
            assert [each.body for each in (await cache.get_many(["a"]))["a"]] == [b"new"]

        run(opener, check)

    def test_purge_while_others_write(self, opener: Opener, clock: FakeClock) -> None:
        """Neither disturbs the other: what is written for another source is all there."""

        async def write(cache: ResponseCache, source: str) -> None:
            for n in range(600):
                await cache.put(f"{source}-{n}", stored(b"%d" % n, clock=clock, source=source))
                if n % 20 == 0:
                    await asyncio.sleep(0)

        async def check(cache: ResponseCache) -> None:
            async with asyncio.TaskGroup() as group:
                for source in ("opensea", "binance"):
                    group.create_task(write(cache, source))
                for _ in range(3):
                    await cache.purge(PurgeFilter(source="opensea"))
                    await asyncio.sleep(0)
            await cache.purge(PurgeFilter(source="opensea"))
            usage = await cache.usage()

            assert {name: count for name, (count, _) in usage.sources.items()} == {"binance": 600}

        run(opener, check)

    def test_a_closed_store_knows_nothing(self, opener: Opener, clock: FakeClock) -> None:
        """After closing, look-ups are misses, writes are dropped, and figures are an error."""

        async def check(cache: ResponseCache) -> None:
            await cache.put("a", stored(clock=clock))
            await cache.close()
            await cache.put("b", stored(clock=clock))
            await cache.forget(["a"])
            assert await cache.get_many(["a"]) == {}
            for figures in (cache.usage(), cache.count(PurgeFilter()), cache.purge(PurgeFilter())):
                with pytest.raises(StorageError):
                    await figures
            await cache.close()

        async def look(cache: ResponseCache) -> None:
            assert set(await cache.get_many(["a", "b"])) == {"a"}

        run(opener, check)
        run(opener, look)

    def test_many_callers_at_once(self, opener: Opener, clock: FakeClock) -> None:
        """Reads and writes from many tasks do not disturb one another."""

        async def use(cache: ResponseCache, n: int) -> None:
            entry = stored(b"%d" % n, clock=clock)
            await cache.put(f"key-{n}", entry)
            assert {f"key-{n}": [entry]} == lists(await cache.get_many([f"key-{n}"]))

        async def check(cache: ResponseCache) -> None:
            async with asyncio.TaskGroup() as group:
                for n in range(50):
                    group.create_task(use(cache, n))

            assert (await cache.usage()).entries == 50

        run(opener, check)


def run(opener: Opener, check: Callable[[ResponseCache], Awaitable[None]]) -> None:
    """One opening, one check, one closing, in one event loop."""

    async def opened() -> None:
        async with opener() as cache:
            await check(cache)

    asyncio.run(opened())


def lists(found: object) -> object:
    """The same mapping with lists as values, for comparisons."""
    assert isinstance(found, dict)
    return {key: list(variants) for key, variants in found.items()}
