"""Run locks that reach over machines, on a Redis in memory."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from structlog.testing import capture_logs

from adapters.locking.redis_run_lock import LIFETIME, RedisRunLock
from application.ports.clock import Clock
from application.ports.run_lock import RunLock
from domain.errors import ConfigurationError, RunLockedError
from tests.contracts.run_lock_contract import RunLockContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_run_lock import FakeRunLock

KEY = "run-lock:folder-1:nft:one"


class StillClock(FakeClock):
    """Waits until it is let go, once for each sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = asyncio.Semaphore(0)
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asleep.set()
        await self.passed.acquire()
        self.asleep.clear()

    async def pass_one(self) -> None:
        """Let one sleep end, and see the next one begin."""
        await self.asleep.wait()
        self.asleep.clear()
        self.passed.release()
        await self.asleep.wait()


def machine(
    server: FakeServer, *, scope: str = "folder-1", clock: Clock | None = None
) -> RedisRunLock:
    """The lock of one machine: it shares nothing with another but the Redis."""

    async def read() -> str:
        return scope

    return RedisRunLock(FakeAsyncRedis(server=server), FakeRunLock(), read, clock or StillClock())


class TestRedisRunLock(RunLockContract):
    """The contract, between the processes of one machine."""

    @pytest.fixture
    def lock(self) -> RunLock:
        return machine(FakeServer())


class TestOverMachines(RunLockContract):
    """The contract, when each hold is another machine's."""

    @pytest.fixture
    def lock(self) -> RunLock:
        server = FakeServer()

        class Many(RunLock):
            def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
                return machine(server).hold(domain, target)

        return Many()


def test_another_folder_is_another_matter() -> None:
    """The same target of two data folders is two runs."""

    async def story() -> None:
        server = FakeServer()
        async with (
            machine(server).hold("nft", "one"),
            machine(server, scope="folder-2").hold("nft", "one"),
        ):
            pass

    asyncio.run(story())


def test_a_key_is_renewed_while_it_is_held_and_deleted_afterwards() -> None:
    """Its life is whole again after each third of it."""

    async def story() -> tuple[float, bool]:
        server, clock = FakeServer(), StillClock()
        redis = FakeAsyncRedis(server=server)
        async with machine(server, clock=clock).hold("nft", "one"):
            await redis.pexpire(KEY, 100)
            await clock.pass_one()
            left = await redis.pttl(KEY)
            assert clock.slept == [LIFETIME / 3, LIFETIME / 3]
        return left / 1000, bool(await redis.exists(KEY))

    left, there = asyncio.run(story())
    assert left == pytest.approx(LIFETIME, abs=1)
    assert not there


def test_a_key_that_redis_forgot_is_taken_again() -> None:
    """A restarted Redis is empty; the holder is still the holder."""

    async def story() -> None:
        server, clock = FakeServer(), StillClock()
        async with machine(server, clock=clock).hold("nft", "one"):
            await FakeAsyncRedis(server=server).flushall()
            await clock.pass_one()
            with pytest.raises(RunLockedError, match="process"):
                await machine(server).hold("nft", "one").__aenter__()

    asyncio.run(story())


def test_a_key_that_another_one_took_is_left_to_it() -> None:
    """One warning, and the other one's key is not deleted at the end."""

    async def story() -> bytes | str | None:
        server, clock = FakeServer(), StillClock()
        redis = FakeAsyncRedis(server=server)
        async with machine(server, clock=clock).hold("nft", "one"):
            await redis.set(KEY, "process 2 on another since then 00")
            await clock.asleep.wait()
            clock.passed.release()
            while not logs:  # noqa: ASYNC110  # the log has no event to wait for
                await asyncio.sleep(0)
        return await redis.get(KEY)

    with capture_logs() as logs:
        left = asyncio.run(story())
    warnings = [each["event"] for each in logs if each["log_level"] == "warning"]
    assert warnings == ["lock.lost"]
    assert left == b"process 2 on another since then 00"


def test_a_dead_redis_costs_one_warning_and_the_local_lock_holds() -> None:
    """Nothing fails, and the processes of the machine still exclude each other."""

    async def story() -> str:
        server = FakeServer()
        server.connected = False
        lock = machine(server)
        async with lock.hold("nft", "one"):
            with pytest.raises(RunLockedError) as refused:
                await lock.hold("nft", "one").__aenter__()
        async with lock.hold("nft", "two"):
            pass
        return refused.value.holder

    with capture_logs() as logs:
        assert "process 1" in asyncio.run(story())
    assert {each["event"] for each in logs} == {"lock.store_failed"}


def test_a_redis_that_dies_while_the_lock_is_held_harms_nothing() -> None:
    """Neither the renewal nor the release says more than a debug line."""

    async def story() -> None:
        server, clock = FakeServer(), StillClock()
        async with machine(server, clock=clock).hold("nft", "one"):
            server.connected = False
            await clock.pass_one()

    with capture_logs() as logs:
        asyncio.run(story())
    assert {each["log_level"] for each in logs} == {"debug"}


def test_a_refused_hold_leaves_the_machine_free() -> None:
    """Who is refused by Redis does not keep its own machine's lock."""

    async def story() -> None:
        server = FakeServer()
        second = machine(server)
        async with machine(server).hold("nft", "one"):
            with suppress(RunLockedError):
                await second.hold("nft", "one").__aenter__()
        async with second.hold("nft", "one"):
            pass

    asyncio.run(story())


def test_a_wrong_address_is_a_matter_of_configuration() -> None:
    """Told with an example, and without the address itself: it may hold a password."""

    async def read() -> str:
        return ""

    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        RedisRunLock.at("http://secret@host", FakeRunLock(), read, FakeClock())


def test_many_targets_are_locked_at_once_over_one_client() -> None:
    """It is closed when the last of them is let go, and few commands are under way at a time."""
    closed: list[int] = []
    held: set[str] = set()
    most = under_way = 0

    class Client(FakeAsyncRedis):
        async def aclose(self, close_connection_pool: bool | None = None) -> None:
            closed.append(len(held))
            await super().aclose(close_connection_pool)

        async def set(self, *arguments: Any, **options: Any) -> Any:
            nonlocal most, under_way
            under_way += 1
            most = max(most, under_way)
            try:
                await asyncio.sleep(0)
                return await super().set(*arguments, **options)
            finally:
                under_way -= 1

    async def story() -> None:
        async def scope() -> str:
            return "folder-1"

        lock = RedisRunLock(Client(server=FakeServer()), FakeRunLock(), scope, StillClock())
        everybody, gone = asyncio.Event(), asyncio.Event()

        async def hold(name: str) -> None:
            async with lock.hold("crypto", name):
                held.add(name)
                if len(held) == 100:
                    everybody.set()
                await everybody.wait()
                if name != "t000":
                    held.discard(name)
                    return
                await gone.wait()
                held.discard(name)

        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(hold(f"t{number:03}"))
            await everybody.wait()
            while held != {"t000"}:  # noqa: ASYNC110  # the others say nothing when they are gone
                await asyncio.sleep(0)
            assert closed == []
            gone.set()

    asyncio.run(story())
    assert closed == [0]
    assert 1 < most <= 16
