import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from adapters.http.transport import connection_pool
from adapters.http.transport.connection import Connection, Exchange, RequestHead
from adapters.http.transport.connection_pool import ConnectionPool
from adapters.http.transport.connector import Connector, OnChange
from adapters.http.transport.route import Origin

HTTP = Origin("http", "a.test", 80)
HTTPS = Origin("https", "a.test", 443)


class FakeConnection(Connection):
    """Does nothing, but says what it is told to say."""

    def __init__(self, http_version: bytes, on_change: OnChange, streams: int) -> None:
        self.http_version = http_version
        self.on_change = on_change
        self.streams = streams
        self.used = 0
        self.shut = False
        self.gone = asyncio.Event()

    @property
    def available(self) -> bool:
        return not self.shut and self.used < self.streams

    @property
    def idle(self) -> bool:
        return self.used == 0

    @property
    def closed(self) -> bool:
        return self.shut

    async def send(self, request: RequestHead, read_timeout: float) -> Exchange:
        raise NotImplementedError

    def begin(self) -> None:
        self.used += 1

    def end(self) -> None:
        self.used -= 1
        self.on_change(self)

    def close(self) -> None:
        if not self.shut:
            self.shut = True
            self.gone.set()
            self.on_change(self)

    async def aclose(self) -> None:
        self.close()


class FakeConnector(Connector):
    """Connects at once, or when the test lets it; may be told to fail."""

    def __init__(self, http_version: bytes = b"HTTP/1.1", streams: int = 1) -> None:
        self.http_version = http_version
        self.streams = streams
        self.made: list[FakeConnection] = []
        self.asked = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def connect(
        self, origin: Origin, *, seconds: float, on_change: OnChange, http2: bool = True
    ) -> Connection:
        self.asked += 1
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        made = FakeConnection(self.http_version, on_change, self.streams)
        self.made.append(made)
        return made


def on_pool[T](
    use: Callable[[ConnectionPool, FakeConnector], Awaitable[T]],
    http_version: bytes = b"HTTP/1.1",
    streams: int = 1,
    per_origin: int = 4,
) -> T:
    async def run() -> T:
        connector = FakeConnector(http_version, streams)
        pool = ConnectionPool(connector, per_origin=per_origin)
        try:
            return await use(pool, connector)
        finally:
            await pool.aclose()
            assert all(connection.closed for connection in connector.made)

    return asyncio.run(run())


async def take(
    pool: ConnectionPool, origin: Origin = HTTP, *, patience: float = 5.0, fresh: bool = False
) -> FakeConnection:
    connection = await pool.acquire(origin, connect_timeout=5.0, pool_timeout=patience, fresh=fresh)
    assert isinstance(connection, FakeConnection)
    connection.begin()
    return connection


async def settled(*tasks: asyncio.Task[FakeConnection]) -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_the_connection_used_last_goes_first() -> None:
    """The others may grow old and be closed."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        first, second = await take(pool), await take(pool)
        second.end()
        first.end()
        assert await take(pool) is first
        assert await take(pool) is second
        assert connector.asked == 2

    on_pool(use)


def test_origins_do_not_share_connections() -> None:
    """Scheme, host and port must agree."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> int:
        (await take(pool, HTTP)).end()
        (await take(pool, HTTPS)).end()
        (await take(pool, Origin("http", "a.test", 81))).end()
        return connector.asked

    assert on_pool(use) == 3


def test_more_than_the_bound_wait_for_one_that_comes_free() -> None:
    """In the order in which they came."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        taken = [await take(pool), await take(pool)]
        waiting = [asyncio.create_task(take(pool)) for _ in range(2)]
        await settled()
        taken[0].end()
        await settled()
        assert [task.done() for task in waiting] == [True, False]
        assert waiting[0].result() is taken[0]
        taken[1].close()
        assert await waiting[1] is connector.made[2]

    on_pool(use, per_origin=2)


def test_waiting_for_a_connection_has_an_end() -> None:
    """The caller's patience."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        await take(pool)
        with pytest.raises(httpx.PoolTimeout):
            await take(pool, patience=0.01)

    on_pool(use, per_origin=1)


def test_a_waiter_that_is_cancelled_keeps_nothing_for_itself() -> None:
    """Not even when its turn had just come."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        taken = await take(pool)
        waiting = [asyncio.create_task(take(pool)) for _ in range(2)]
        await settled()
        taken.end()
        waiting[0].cancel()
        assert await waiting[1] is taken

    on_pool(use, per_origin=1)


def test_a_fresh_connection_is_new_even_at_the_bound() -> None:
    """The oldest idle one makes room."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        old = await take(pool)
        old.end()
        assert await take(pool, fresh=True) is connector.made[1]
        assert old.closed

    on_pool(use, per_origin=1)


def test_http2_is_shared() -> None:
    """64 requests at once: the first one connects, the others wait for what TLS says."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        connector.gate.clear()
        tasks = [asyncio.create_task(take(pool, HTTPS)) for _ in range(64)]
        await settled()
        connector.gate.set()
        assert {await task for task in tasks} == {connector.made[0]}
        assert connector.asked == 1

    on_pool(use, b"HTTP/2", streams=100, per_origin=64)


def test_http1_over_tls_opens_as_many_as_it_may_once_it_is_known() -> None:
    """The first connection tells."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        connector.gate.clear()
        tasks = [asyncio.create_task(take(pool, HTTPS)) for _ in range(4)]
        await settled()
        assert connector.asked == 1
        connector.gate.set()
        assert len({id(await task) for task in tasks}) == 4

    on_pool(use)


def test_a_full_http2_connection_gets_a_sister() -> None:
    """One at a time; a stream that ends makes room again."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        first = [await take(pool, HTTPS) for _ in range(2)]
        second = await take(pool, HTTPS)
        assert second is not first[0]
        first[0].end()
        assert await take(pool, HTTPS) is first[0]

    on_pool(use, b"HTTP/2", streams=2)


def test_those_who_wait_for_the_first_connection_share_its_failure() -> None:
    """They are not sent to fail one after another."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        connector.gate.clear()
        connector.failure = httpx.ConnectError("refused")
        tasks = [asyncio.create_task(take(pool, HTTPS)) for _ in range(8)]
        await settled()
        connector.gate.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {httpx.ConnectError}
        assert connector.asked == 1
        connector.failure = None
        await take(pool, HTTPS)

    on_pool(use)


def test_another_takes_over_from_a_connect_that_is_cancelled() -> None:
    """Its caller went away, the others did not."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        connector.gate.clear()
        first, second = (asyncio.create_task(take(pool, HTTPS)) for _ in range(2))
        await settled()
        first.cancel()
        await settled()
        assert connector.asked == 2
        connector.gate.set()
        assert await second is connector.made[0]

    on_pool(use)


def test_idle_connections_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are closed by a timer, and not given out when it is late."""
    monkeypatch.setattr(connection_pool, "IDLE_SECONDS", 0.01)

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        shared = await take(pool)
        shared.end()
        assert await take(pool) is shared
        shared.end()
        await shared.gone.wait()
        assert await take(pool) is connector.made[1]

    on_pool(use)


def test_a_shared_connection_that_idles_expires_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP/2."""
    monkeypatch.setattr(connection_pool, "IDLE_SECONDS", 0.01)

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        shared = await take(pool, HTTPS)
        shared.end()
        await shared.gone.wait()

    on_pool(use, b"HTTP/2", streams=2)


def test_only_so_many_idle_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all origins; the one that idles longest goes first."""
    monkeypatch.setattr(connection_pool, "MOST_IDLE", 2)

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        for number in range(4):
            (await take(pool, Origin("http", "a.test", number))).end()
        assert [made.closed for made in connector.made] == [True, True, False, False]

    on_pool(use)


def test_hosts_leave_nothing_behind() -> None:
    """36,600 of them must not fill the memory."""

    async def use(pool: ConnectionPool, connector: FakeConnector) -> None:
        connector.failure = httpx.ConnectError("refused")
        for number in range(10):
            with pytest.raises(httpx.ConnectError):
                await take(pool, Origin("https", f"{number}.test", 443))
        connector.failure = None
        (await take(pool)).close()
        assert not pool._origins

    on_pool(use)


def test_a_closed_pool_gives_nothing_out() -> None:
    """Not to those who wait, nor to those who are connecting."""

    async def run() -> None:
        connector = FakeConnector()
        pool = ConnectionPool(connector, per_origin=1)
        connector.gate.clear()
        connecting = asyncio.create_task(take(pool))
        await settled()
        waiting = asyncio.create_task(take(pool))
        await settled()
        await pool.aclose()
        with pytest.raises(httpx.PoolTimeout):
            await waiting
        connector.gate.set()
        with pytest.raises(httpx.ConnectError):
            await connecting
        assert connector.made[0].closed

    asyncio.run(run())
