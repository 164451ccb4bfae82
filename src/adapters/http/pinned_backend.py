"""Connects to the very addresses that were judged."""

import socket
import time
from asyncio import sleep
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Never

import httpx

from adapters.http.name_resolver import NameResolver
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.transport.network import SystemNetwork
from domain.errors import HostileError, RetryableError

MOST_ADDRESSES = 4


class PinnedBackend:
    """One lookup a connection; what it finds is judged whole, then tried in turn.

    The caller goes on to speak TLS with the host's name, so that certificate and SNI are checked
    as ever. A name that changes its addresses between check and use (DNS rebinding) gains
    nothing: there is no second lookup.

    It is an `httpcore.AsyncNetworkBackend` in all but name, so that httpcore is loaded only where
    its pool is used.
    """

    def __init__(
        self,
        *,
        resolver: NameResolver,
        guard: SsrfGuard | None,
        backend: SystemNetwork | None = None,
    ) -> None:
        self._resolver = resolver
        self._guard = guard
        self._backend = backend or SystemNetwork()

    async def open_socket(self, host: str, port: int, seconds: float) -> socket.socket:
        """A socket connected to one of the host's addresses, within so many seconds.

        Raises:
            HostileError: the guard refuses the host or one of its addresses.
            PermanentError, RetryableError: the host cannot be looked up.
            httpx.ConnectError, httpx.ConnectTimeout: no address answers.
        """
        return await self._first(
            host,
            port,
            seconds,
            lambda address, share: self._backend.open_socket(address, port, share),
            (httpx.ConnectError, httpx.ConnectTimeout),
        )

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:
        """The same for httpcore, whose own errors are raised for addresses that do not answer."""
        from httpcore import ConnectError, ConnectTimeout  # noqa: PLC0415 - it calls, so it is there

        return await self._first(
            host,
            port,
            timeout,
            lambda address, share: self._backend.connect_tcp(
                address,
                port,
                timeout=share,
                local_address=local_address,
                socket_options=socket_options,
            ),
            (ConnectError, ConnectTimeout),
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the same
    ) -> Never:
        """Refused: no URL leads to a socket of this machine."""
        message = "unix sockets are refused"
        raise HostileError(message, url=path)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await sleep(seconds)

    async def _first[T](
        self,
        host: str,
        port: int,
        seconds: float | None,
        connect: Callable[[str, float | None], Awaitable[T]],
        unreached: tuple[type[Exception], ...],
    ) -> T:
        """Of the judged addresses the first that answers; they share the time."""
        tried = (await self._addresses(host, port))[:MOST_ADDRESSES]
        ends = None if seconds is None else time.monotonic() + seconds
        for left, address in zip(range(len(tried), 0, -1), tried, strict=True):
            share = None if ends is None else max(0.0, ends - time.monotonic()) / left
            try:
                return await connect(address, share)
            except unreached:
                if left == 1:
                    raise
        message = "the host has no address"
        raise RetryableError(message, url=host)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        if self._guard is not None:
            self._guard.check_host(host, port)
        addresses = await self._resolver.resolve(host, port)
        if self._guard is not None:
            self._guard.check_addresses(host, port, addresses)
        return addresses
