"""One answer over HTTP/1.1, as its reader sees it."""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from adapters.http.transport.connection import Exchange

HIGH_WATER = 128 * 1024
"""Bytes that wait for a reader before the connection stops reading; half of it starts it again."""

_LOW_WATER = HIGH_WATER // 2


class BodySource(Protocol):
    """The connection that a body comes from."""

    @abstractmethod
    def resume_body(self) -> None:
        """The reader has caught up."""

    @abstractmethod
    async def abandon(self, exchange: "Http1Exchange") -> None:
        """The reader wants no more of it."""


class Http1Exchange(Exchange):
    """Holds what has come and was not taken yet; it outlives its connection."""

    def __init__(self, source: BodySource, method: bytes) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.http_version = b"HTTP/1.1"
        self.method = method
        self.complete = False
        self.failure: Exception | None = None
        self.close_delimited = False
        self._source = source
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._reader: asyncio.Future[None] | None = None

    async def begun(self) -> None:
        """Wait for the head; raises why there is none."""
        if not self.status and self.failure is None:
            await self._change()
        if self.failure is not None and not self.status:
            raise self.failure

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self.complete or self.failure is not None

    @property
    def full(self) -> bool:
        """More waits than should."""
        return self._size > HIGH_WATER

    def begin(self, status: int) -> None:
        """The head has come."""
        self.status = status
        if self._reader is not None:
            self._wake()

    def feed(self, piece: bytes) -> None:
        """A piece of the body has come."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._reader is not None:
            self._wake()

    def finish(self) -> None:
        """The body is whole."""
        self.complete = True
        if self._reader is not None:
            self._wake()

    def fail(self, failure: Exception) -> None:
        """The body will never be whole."""
        self.failure = failure
        if self._reader is not None:
            self._wake()

    def whole(self) -> bytes | None:
        """The whole body, taken, when all of it is here already."""
        if not self.complete:
            return None
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._size = 0
        return body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of the body as sent."""
        pieces = self._pieces
        while True:
            while pieces:
                piece = pieces.popleft()
                before, self._size = self._size, self._size - len(piece)
                if before > _LOW_WATER >= self._size and not self.complete:
                    self._source.resume_body()
                yield piece
            if self.failure is not None:
                raise self.failure
            if self.complete:
                return
            await self._change()

    async def aclose(self) -> None:
        """Let the connection go; one with an unread body cannot be used again."""
        self._pieces.clear()
        self._size = 0
        if not self.ended:
            await self._source.abandon(self)

    async def _change(self) -> None:
        self._reader = asyncio.get_running_loop().create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
