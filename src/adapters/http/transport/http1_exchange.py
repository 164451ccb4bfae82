"""One answer over HTTP/1.1, as its reader sees it."""

from abc import abstractmethod
from typing import Protocol

from adapters.http.transport.buffered_exchange import BufferedExchange

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


class Http1Exchange(BufferedExchange):
    """The only exchange of its connection; what is not read to its end takes that with it."""

    def __init__(self, source: BodySource, method: bytes) -> None:
        super().__init__(method, b"HTTP/1.1")
        self._source = source

    @property
    def full(self) -> bool:
        """More waits than should."""
        return self.waiting > HIGH_WATER

    def taken(self, size: int) -> None:
        """Read on when little enough is left."""
        if self.waiting <= _LOW_WATER < self.waiting + size:
            self._source.resume_body()

    async def abandon(self) -> None:
        """Give the connection up."""
        await self._source.abandon(self)
