"""Connects to the very addresses that were judged."""

import time
from collections.abc import Iterable

import httpcore

from adapters.http.name_resolver import NameResolver
from adapters.http.ssrf_guard import SsrfGuard
from domain.errors import HostileError, RetryableError

MOST_ADDRESSES = 4


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """One lookup a connection; what it finds is judged whole, then tried in turn.

    The caller goes on to speak TLS with the host's name, so that certificate and SNI are checked
    as ever. A name that changes its addresses between check and use (DNS rebinding) gains
    nothing: there is no second lookup.
    """

    def __init__(
        self,
        *,
        resolver: NameResolver,
        guard: SsrfGuard | None,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver
        self._guard = guard
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses.

        Raises:
            HostileError: the guard refuses the host or one of its addresses.
            PermanentError, RetryableError: the host cannot be looked up.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answers.
        """
        if self._guard is not None:
            self._guard.check_host(host, port)
        addresses = await self._resolver.resolve(host, port)
        if self._guard is not None:
            self._guard.check_addresses(host, port, addresses)
        ends = None if timeout is None else time.monotonic() + timeout
        tried = addresses[:MOST_ADDRESSES]
        for left, address in zip(range(len(tried), 0, -1), tried, strict=True):
            share = None if ends is None else max(0.0, ends - time.monotonic()) / left
            try:
                return await self._backend.connect_tcp(
                    address,
                    port,
                    timeout=share,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        message = "the host has no address"
        raise RetryableError(message, url=host)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.AsyncNetworkStream:
        """Refused: no URL leads to a socket of this machine."""
        message = "unix sockets are refused"
        raise HostileError(message, url=path)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)
