"""Makes connections: address, TLS, version of HTTP."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import httpx

from adapters.http.pinned_backend import PinnedBackend
from adapters.http.transport.connection import Connection
from adapters.http.transport.http1_connection import Http1Connection
from adapters.http.transport.route import Origin
from adapters.http.transport.tls_contexts import TlsContexts

type OnChange = Callable[[Connection], None]


class Connector:
    """Looks up once, connects to the address that was judged, speaks TLS with the host's name."""

    def __init__(self, backend: PinnedBackend, contexts: TlsContexts) -> None:
        self._backend = backend
        self._contexts = contexts

    async def connect(
        self,
        origin: Origin,
        *,
        seconds: float,
        on_change: OnChange,
        http2: bool = True,
    ) -> Connection:
        """A connection that is ready for its first request.

        Args:
            origin: where to.
            seconds: for address and TCP, and again for TLS.
            on_change: see `Http1Connection`.
            http2: offer it, where there is TLS.

        Raises:
            HostileError, PermanentError, RetryableError: as `PinnedBackend.open_socket`.
            httpx.ConnectError, httpx.ConnectTimeout: no connection, or TLS failed.
        """
        connected = await self._backend.open_socket(origin.host, origin.port, seconds)
        opening = _Opening(on_change)
        context: ssl.SSLContext | None = None
        if origin.scheme == "https":
            context = self._contexts.http2 if http2 else self._contexts.http1
        try:
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().create_connection(
                    lambda: opening,
                    sock=connected,
                    ssl=context,
                    server_hostname=origin.host.rstrip(".") if context else None,
                )
        except BaseException as exc:
            opening.give_up()
            connected.close()
            if isinstance(exc, TimeoutError):
                message = "the TLS handshake takes too long"
                raise httpx.ConnectTimeout(message) from exc
            if isinstance(exc, (OSError, ValueError)):
                raise httpx.ConnectError(str(exc)) from exc
            raise
        if opening.connection is None:
            message = "the connection was closed at once"
            raise httpx.ConnectError(message)
        return opening.connection


class _Opening(asyncio.Protocol):
    """Waits for the handshake, then makes way for the version of HTTP that was negotiated.

    It does so before the first byte can come: a server may speak first.
    """

    def __init__(self, on_change: OnChange) -> None:
        self.connection: Connection | None = None
        self._on_change = on_change

    def give_up(self) -> None:
        """Close what has been opened so far."""
        if self.connection is not None:
            self.connection.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        version: Callable[[OnChange], Any] = Http1Connection
        if tls is not None and tls.selected_alpn_protocol() == "h2":
            # A run over HTTP/1.1 does without the 8 ms that the modules of HTTP/2 take to import.
            from adapters.http.transport.http2_connection import Http2Connection  # noqa: PLC0415

            version = Http2Connection
        chosen = version(self._on_change)
        self.connection = chosen
        transport.set_protocol(chosen)
        chosen.connection_made(transport)
