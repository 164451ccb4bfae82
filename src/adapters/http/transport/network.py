"""TCP connections of this machine."""

import asyncio
import socket
from typing import Any

import httpx

from adapters.http.name_resolver import looked_up


class SystemNetwork:
    """Bare sockets, and httpcore's own connections for its pool."""

    async def open_socket(self, address: str, port: int, seconds: float | None) -> socket.socket:
        """A connected socket; `address` is numeric, so that nothing is looked up.

        Args:
            address: IPv4 or IPv6.
            port: where to.
            seconds: to wait at most.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout: the address does not answer.
        """
        try:
            where = _numeric(address, port)
            connecting = socket.socket(where[0], socket.SOCK_STREAM)
        except OSError as exc:
            raise httpx.ConnectError(str(exc)) from exc
        try:
            connecting.setblocking(False)
            connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().sock_connect(connecting, where[1])
        except TimeoutError as exc:
            connecting.close()
            message = f"{address} does not answer"
            raise httpx.ConnectTimeout(message) from exc
        except OSError as exc:
            connecting.close()
            raise httpx.ConnectError(str(exc)) from exc
        except BaseException:
            connecting.close()
            raise
        return connecting

    async def connect_tcp(self, host: str, port: int, *options: Any, **named: Any) -> Any:
        """As `httpcore.AsyncNetworkBackend.connect_tcp`, whose errors it raises."""
        # httpcore and what it brings take 25 ms to import, which only its pool needs
        from httpcore import AnyIOBackend  # noqa: PLC0415

        return await AnyIOBackend().connect_tcp(host, port, *options, **named)


def _numeric(address: str, port: int) -> tuple[int, tuple[object, ...]]:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    found = socket.getaddrinfo(looked_up(address), port, type=socket.SOCK_STREAM, flags=flags)
    return found[0][0], found[0][4]
