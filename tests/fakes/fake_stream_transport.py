"""A connection of asyncio's whose other side is the test."""

import asyncio
from typing import Any


class FakeSocket:
    """Remembers the options that were set; `broken` is what it answers with instead."""

    def __init__(self) -> None:
        self.options: list[tuple[int, int, int]] = []
        self.broken: OSError | None = None

    def setsockopt(self, level: int, option: int, value: int) -> None:
        if self.broken is not None:
            raise self.broken
        self.options.append((level, option, value))


class FakeStreamTransport(asyncio.Transport):
    """Remembers what was written; hands over what the test sends, as asyncio would."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.written = bytearray()
        self.unsent = 0
        self.paused = False
        self.aborted = False
        self.socket: FakeSocket | None = FakeSocket()
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def close(self) -> None:
        self.abort()

    def is_closing(self) -> bool:
        return self.aborted

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.socket if name == "socket" else default

    def receive(self, data: bytes) -> None:
        """The other side sends."""
        if not self.aborted:
            self.protocol.data_received(data)

    def end(self, error: Exception | None = None) -> None:
        """The other side closes, or (with an error) the connection breaks."""
        if self.aborted:
            return
        if error is None:
            self.protocol.eof_received()
        if not self.aborted:
            self.aborted = True
            self.protocol.connection_lost(error)
