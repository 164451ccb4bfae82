"""Keeps connections and shares them out."""

import asyncio
from collections import deque
from functools import partial

import httpx

from adapters.http.transport.connection import Connection
from adapters.http.transport.connector import Connector
from adapters.http.transport.route import Origin

IDLE_SECONDS = 30.0
MOST_IDLE = 256
"""Connections without an exchange, over all origins; the one idle longest is closed first."""

_HTTP2 = b"HTTP/2"


class _Lane:
    """The connections to one origin."""

    __slots__ = (
        "connecting",
        "count",
        "idle",
        "origin",
        "shared",
        "speaks_http2",
        "users",
        "waiting",
    )

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.count = 0
        self.users = 0
        self.idle: dict[Connection, float] = {}
        self.shared: list[Connection] = []
        self.waiting: deque[asyncio.Future[Exception | None]] = deque()
        self.connecting = False
        self.speaks_http2: bool | None = None if origin.scheme == "https" else False

    def wake(self, number: int = 1) -> None:
        while self.waiting and number:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                number -= 1

    def wake_all(self, failure: Exception | None = None) -> None:
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(failure)


class ConnectionPool:
    """The connection used last goes first; one of HTTP/2 carries all requests to its origin.

    Whether an origin speaks HTTP/2 only TLS can say, so while the first connection is being made
    the other requests wait for it, and fail with it.

    Args:
        connector: makes the connections.
        per_origin: most connections to one origin.
    """

    def __init__(self, connector: Connector, *, per_origin: int) -> None:
        self._connector = connector
        self._per_origin = per_origin
        self._lanes: dict[Origin, _Lane] = {}
        self._open: set[Connection] = set()
        self._idle: dict[Connection, _Lane] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def take(self, origin: Origin) -> Connection | None:
        """A connection that can take a request now, if there is one."""
        lane = self._lanes.get(origin)
        return None if lane is None else self._take(lane, fresh=False)

    async def acquire(
        self,
        origin: Origin,
        *,
        connect_timeout: float,
        pool_timeout: float,
        fresh: bool = False,
    ) -> Connection:
        """A connection that can take a request now.

        Args:
            origin: where it leads.
            connect_timeout: seconds to make one.
            pool_timeout: seconds to wait for one, while there are `per_origin`.
            fresh: one of HTTP/1.1 must be new.

        Raises:
            httpx.PoolTimeout: none came free.
            HostileError, PermanentError, RetryableError, httpx.ConnectError, httpx.ConnectTimeout:
                as `Connector.connect`.
        """
        lane = self._lanes.get(origin)
        if lane is None:
            lane = self._lanes[origin] = _Lane(origin)
        connection = self._take(lane, fresh=fresh)
        if connection is not None:
            return connection
        lane.users += 1
        try:
            if not self._may_connect(lane):
                connection = await self._wait(lane, pool_timeout, fresh=fresh)
            return connection or await self._connect(lane, connect_timeout)
        finally:
            lane.users -= 1
            self._forget(lane)

    async def aclose(self) -> None:
        """Close all connections, those in use too."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for lane in self._lanes.values():
            lane.wake_all(httpx.PoolTimeout("the client is closed"))
        for connection in list(self._open):
            await connection.aclose()

    def _take(self, lane: _Lane, *, fresh: bool) -> Connection | None:
        for connection in lane.shared:
            if connection.available:
                self._idle.pop(connection, None)
                return connection
        if fresh:
            if lane.count >= self._per_origin and lane.idle:
                next(iter(lane.idle)).close()
            return None
        if not lane.idle:
            return None
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while lane.idle:
            connection, since = lane.idle.popitem()
            del self._idle[connection]
            if connection.available and since > oldest:
                return connection
            connection.close()
        return None

    def _may_connect(self, lane: _Lane) -> bool:
        gated = lane.connecting and lane.speaks_http2 is not False
        return lane.count < self._per_origin and not gated

    async def _wait(
        self,
        lane: _Lane,
        seconds: float,
        *,
        fresh: bool,
    ) -> Connection | None:
        """The connection that came free; None when one may be made now."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    waiter: asyncio.Future[Exception | None] = (
                        asyncio.get_running_loop().create_future()
                    )
                    lane.waiting.append(waiter)
                    try:
                        failure = await waiter
                    except BaseException:
                        if waiter.done() and not waiter.cancelled():
                            lane.wake()
                        raise
                    if failure is not None:
                        raise failure
                    connection = self._take(lane, fresh=fresh)
                    if connection is not None or self._may_connect(lane):
                        return connection
        except TimeoutError as exc:
            message = f"none of {lane.count} connections came free"
            raise httpx.PoolTimeout(message) from exc

    async def _connect(self, lane: _Lane, seconds: float) -> Connection:
        gate = lane.speaks_http2 is not False
        lane.count += 1
        lane.connecting = lane.connecting or gate
        try:
            connection = await self._connector.connect(
                lane.origin, seconds=seconds, on_change=partial(self._changed, lane)
            )
        except BaseException as exc:
            lane.count -= 1
            if gate:
                lane.connecting = False
            if gate and isinstance(exc, Exception):
                lane.wake_all(exc)
            else:
                lane.wake()
            raise
        self._open.add(connection)
        if gate:
            lane.connecting = False
            lane.speaks_http2 = connection.http_version == _HTTP2
        if connection.http_version == _HTTP2:
            lane.shared.append(connection)
        if gate:
            lane.wake_all()
        if self._closed or connection.closed:
            connection.close()
            message = "the connection was closed at once"
            raise httpx.ConnectError(message)
        return connection

    def _changed(self, lane: _Lane, connection: Connection) -> None:
        """A connection came free, or ended."""
        if connection.closed:
            self._drop(lane, connection)
            lane.wake()
        elif connection.idle and connection not in self._idle and connection in self._open:
            if connection.http_version != _HTTP2:
                lane.idle[connection] = asyncio.get_running_loop().time()
            self._park(lane, connection)
            lane.wake()
        elif connection.http_version == _HTTP2:
            lane.wake()

    def _drop(self, lane: _Lane, connection: Connection) -> None:
        if connection in self._open:
            self._open.discard(connection)
            self._idle.pop(connection, None)
            lane.idle.pop(connection, None)
            if connection in lane.shared:
                lane.shared.remove(connection)
            lane.count -= 1
            self._forget(lane)

    def _forget(self, lane: _Lane) -> None:
        if not lane.count and not lane.users and self._lanes.get(lane.origin) is lane:
            del self._lanes[lane.origin]

    def _park(self, lane: _Lane, connection: Connection) -> None:
        self._idle[connection] = lane
        if len(self._idle) > MOST_IDLE:
            next(iter(self._idle)).close()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what nobody has used for long; of HTTP/1.1 each knows since when."""
        self._timer = None
        loop = asyncio.get_running_loop()
        oldest = loop.time() - IDLE_SECONDS
        for connection, lane in list(self._idle.items()):
            if lane.idle.get(connection, oldest) <= oldest:
                connection.close()
        if self._idle and not self._closed:
            self._timer = loop.call_later(IDLE_SECONDS, self._sweep)
