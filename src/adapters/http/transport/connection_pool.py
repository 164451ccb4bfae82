"""Keeps connections and shares them out."""

import asyncio
from functools import partial

import httpx

from adapters.http.transport.connection import Connection
from adapters.http.transport.connector import Connector
from adapters.http.transport.http2_fallback import Http2Fallback
from adapters.http.transport.origin_connections import OriginConnections
from adapters.http.transport.route import Origin

IDLE_SECONDS = 30.0
MOST_IDLE = 256
"""Connections without an exchange, over all origins; the one idle longest is closed first."""

_HTTP2 = b"HTTP/2"


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
        self._fallback = Http2Fallback()
        self._origins: dict[Origin, OriginConnections] = {}
        self._open: set[Connection] = set()
        self._idle: dict[Connection, OriginConnections] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def take(self, origin: Origin) -> Connection | None:
        """A connection that can take a request now, if there is one."""
        entry = self._origins.get(origin)
        return None if entry is None else self._take(entry, fresh=False)

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
        entry = self._origins.get(origin)
        if entry is None:
            entry = self._origins[origin] = OriginConnections(origin)
        connection = self._take(entry, fresh=fresh)
        if connection is not None:
            return connection
        entry.users += 1
        try:
            if not self._may_connect(entry):
                connection = await self._wait(entry, pool_timeout, fresh=fresh)
            return connection or await self._connect(entry, connect_timeout)
        finally:
            entry.users -= 1
            self._forget(entry)

    async def aclose(self) -> None:
        """Close all connections, those in use too."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for entry in self._origins.values():
            entry.wake_all(httpx.PoolTimeout("the client is closed"))
        for connection in list(self._open):
            await connection.aclose()

    def _take(self, entry: OriginConnections, *, fresh: bool) -> Connection | None:
        for connection in entry.shared:
            if connection.available:
                self._idle.pop(connection, None)
                return connection
        if fresh:
            if entry.count >= self._per_origin and entry.idle:
                next(iter(entry.idle)).close()
            return None
        if not entry.idle:
            return None
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while entry.idle:
            connection, since = entry.idle.popitem()
            del self._idle[connection]
            if connection.available and since > oldest:
                return connection
            connection.close()
        return None

    def _may_connect(self, entry: OriginConnections) -> bool:
        gated = entry.connecting and entry.speaks_http2 is not False
        return entry.count < self._per_origin and not gated

    async def _wait(
        self,
        entry: OriginConnections,
        seconds: float,
        *,
        fresh: bool,
    ) -> Connection | None:
        """The connection that came free; None when one may be made now."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await entry.turn()
                    connection = self._take(entry, fresh=fresh)
                    if connection is not None or self._may_connect(entry):
                        return connection
        except TimeoutError as exc:
            message = f"none of {entry.count} connections came free"
            raise httpx.PoolTimeout(message) from exc

    async def _connect(self, entry: OriginConnections, seconds: float) -> Connection:
        gate = entry.speaks_http2 is not False
        entry.count += 1
        entry.connecting = entry.connecting or gate
        try:
            connection = await self._connector.connect(
                entry.origin,
                seconds=seconds,
                on_change=partial(self._changed, entry),
                http2=self._fallback.allows(entry.origin),
            )
        except BaseException as exc:
            entry.count -= 1
            if gate:
                entry.connecting = False
            if gate and isinstance(exc, Exception):
                entry.wake_all(exc)
            else:
                entry.wake()
            raise
        self._open.add(connection)
        if gate:
            entry.connecting = False
            entry.speaks_http2 = connection.http_version == _HTTP2
        if connection.http_version == _HTTP2:
            entry.shared.append(connection)
        if gate:
            entry.wake_all()
        if self._closed or connection.closed:
            connection.close()
            message = "the connection was closed at once"
            raise httpx.ConnectError(message)
        return connection

    def _changed(self, entry: OriginConnections, connection: Connection) -> None:
        """A connection came free, or ended."""
        failure = connection.take_failure()
        if failure is not None:
            entry.speaks_http2 = None
            self._fallback.failed(entry.origin, failure.reason, at_once=failure.at_once)
        if connection.closed:
            self._drop(entry, connection)
            entry.wake()
        elif connection.idle and connection not in self._idle and connection in self._open:
            if connection.http_version != _HTTP2:
                entry.idle[connection] = asyncio.get_running_loop().time()
            self._park(entry, connection)
            entry.wake()
        elif connection.http_version == _HTTP2:
            entry.wake()

    def _drop(self, entry: OriginConnections, connection: Connection) -> None:
        if connection in self._open:
            self._open.discard(connection)
            self._idle.pop(connection, None)
            entry.idle.pop(connection, None)
            if connection in entry.shared:
                entry.shared.remove(connection)
            entry.count -= 1
            self._forget(entry)

    def _forget(self, entry: OriginConnections) -> None:
        if not entry.count and not entry.users and self._origins.get(entry.origin) is entry:
            del self._origins[entry.origin]

    def _park(self, entry: OriginConnections, connection: Connection) -> None:
        self._idle[connection] = entry
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
        for connection, entry in list(self._idle.items()):
            if entry.idle.get(connection, oldest) <= oldest:
                connection.close()
        if self._idle and not self._closed:
            self._timer = loop.call_later(IDLE_SECONDS, self._sweep)
