"""A network that is not there."""

import socket
from collections.abc import Iterable

import httpcore
import httpx

from adapters.http.transport.network import SystemNetwork


class RecordingBackend(SystemNetwork):
    """Refuses every connection and remembers where it was to go; no packet leaves."""

    def __init__(self) -> None:
        self.connects: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connects.append((host, port))
        raise httpcore.ConnectError

    async def open_socket(self, address: str, port: int, seconds: float | None) -> socket.socket:
        self.connects.append((address, port))
        message = "no network"
        raise httpx.ConnectError(message)
