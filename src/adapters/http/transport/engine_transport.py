"""Our engine as one of httpx's transports."""

import sys
from collections.abc import Mapping
from functools import cached_property

import httpx

from adapters.http.pinned_backend import PinnedBackend
from adapters.http.transport.answer_errors import UnansweredError
from adapters.http.transport.connection import Exchange, RequestHead
from adapters.http.transport.connection_pool import ConnectionPool
from adapters.http.transport.connector import Connector
from adapters.http.transport.engine_response import EngineResponse
from adapters.http.transport.route import Origin, Route
from adapters.http.transport.tls_contexts import TlsContexts

_IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"})
_TRIES = 3  # of a request that nobody has looked at
_UNLIMITED = 86_400.0  # seconds, where the caller of httpx sets no limit
_STOCK = "httpcore._async.connection_pool"

type Timeouts = Mapping[str, float | None]
"""Seconds for "connect", "read" and "pool", as httpx has them; None: as long as it takes."""


class EngineTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 and HTTP/2 over connections of our own.

    httpx's stock transport, over the same guarded backend, carries what this one does not: bodies
    that are streamed to the upstream, upgrades, and everything while respx stands in for
    httpcore.
    """

    def __init__(self, *, backend: PinnedBackend, concurrency: int) -> None:
        self._backend = backend
        self._concurrency = concurrency
        self._pool = ConnectionPool(Connector(backend, TlsContexts()), per_origin=concurrency)

    @property
    def is_mocked(self) -> bool:
        """Whether respx stands in for httpcore."""
        stock = sys.modules.get(_STOCK)
        if stock is None:
            return False
        handle = stock.AsyncConnectionPool.handle_async_request
        return bool(handle.__module__ != _STOCK)

    @cached_property
    def _stock(self) -> httpx.AsyncHTTPTransport:
        # httpcore and what it brings take 25 ms to import, which few requests need
        from adapters.http.transport.stock_transport import stock_transport  # noqa: PLC0415

        return stock_transport(self._backend, self._concurrency)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read.

        Raises:
            httpx.TransportError: no answer.
            HostileError, PermanentError, RetryableError: the host is refused, or not found.
        """
        route = request.extensions.get("route") or Route.of(request.url, request.headers)
        if not route.ours or not isinstance(request.stream, httpx.ByteStream) or self.is_mocked:
            return await self._stock.handle_async_request(request)
        method, url = request.method, request.url
        head = RequestHead(
            method=method.encode("ascii"),
            scheme=url.raw_scheme,
            authority=route.authority,
            target=url.raw_path,
            headers=route.fields,
            body=request.read(),
        )
        timeouts = request.extensions.get("timeout") or {}
        return EngineResponse(await self.exchange(route.origin, head, timeouts))

    async def exchange(self, origin: Origin, head: RequestHead, timeouts: Timeouts) -> Exchange:
        """The answer, its body still to be read; without httpx's objects around it.

        Raises what `handle_async_request` raises.
        """
        read_timeout = timeouts.get("read") or _UNLIMITED
        connection = self._pool.take(origin)
        tries = _TRIES
        while True:
            tries -= 1
            if connection is None:
                connection = await self._pool.acquire(
                    origin,
                    connect_timeout=timeouts.get("connect") or _UNLIMITED,
                    pool_timeout=timeouts.get("pool") or _UNLIMITED,
                    fresh=tries < _TRIES - 1,
                )
            try:
                return await connection.send(head, read_timeout)
            except UnansweredError as error:
                if not tries or not (error.untouched or head.method in _IDEMPOTENT):
                    raise
            connection = None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
        if "_stock" in self.__dict__:
            await self._stock.aclose()
