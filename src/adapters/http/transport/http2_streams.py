"""The streams of one connection."""

from collections.abc import Mapping

from adapters.http.transport.http2_exchange import Http2Exchange, StreamOwner
from adapters.http.transport.http2_frames import Http2ProtocolError

MOST_STREAMS = 100
"""Exchanges at once, also where the other side would bear more."""

_LAST_STREAM = 2**31 - 3


class Http2Streams:
    """Those under way, by number.

    Attributes:
        most: so many at once.
    """

    def __init__(self) -> None:
        self.most = MOST_STREAMS
        self._open: dict[int, Http2Exchange] = {}
        self._next = 1

    @property
    def under_way(self) -> Mapping[int, Http2Exchange]:
        """Exchanges that have not ended."""
        return self._open

    @property
    def available(self) -> bool:
        """Whether one more can be opened."""
        return len(self._open) < self.most and self._next <= _LAST_STREAM

    def open(self, owner: StreamOwner, method: bytes, read_timeout: float) -> Http2Exchange:
        """The next one."""
        exchange = Http2Exchange(owner, method, self._next, read_timeout)
        self._open[exchange.stream] = exchange
        self._next += 2
        return exchange

    def find(self, stream: int) -> Http2Exchange | None:
        """The stream's exchange; None for one that is over.

        Raises:
            Http2ProtocolError: nobody opened it.
        """
        exchange = self._open.get(stream)
        if exchange is None and (stream % 2 == 0 or stream >= self._next):
            message = "a frame of a stream that nobody opened"
            raise Http2ProtocolError(message)
        return exchange

    def close(self, exchange: Http2Exchange) -> bool:
        """It is over; whether it was not before."""
        return self._open.pop(exchange.stream, None) is not None
