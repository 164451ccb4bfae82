"""Bodies of requests, as the other side's windows let them out (RFC 9113 section 5.2)."""

import asyncio
from collections.abc import Iterable

from adapters.http.transport.http2_exchange import Http2Exchange
from adapters.http.transport.http2_frames import (
    FIRST_WINDOW,
    LARGEST_FRAME,
    LARGEST_WINDOW,
    ErrorCode,
    Flag,
    FrameType,
    Http2ProtocolError,
    frame,
    number_frame,
)
from adapters.http.transport.http2_outbox import Http2Outbox


class Http2Uploads:
    """Counts what may be sent, over the connection and on each stream."""

    def __init__(self, out: Http2Outbox) -> None:
        self._out = out
        self._allowance = FIRST_WINDOW
        self._first = FIRST_WINDOW
        self._room = asyncio.Event()

    def begin(self, exchange: Http2Exchange) -> None:
        """A new stream has the allowance that the settings give."""
        exchange.allowance = self._first

    def resize(self, first: int, exchanges: Iterable[Http2Exchange]) -> None:
        """The settings give another allowance, also to streams under way.

        Raises:
            Http2ProtocolError: more than there is.
        """
        if first > LARGEST_WINDOW:
            message = "a window that is too large"
            raise Http2ProtocolError(message, ErrorCode.FLOW_CONTROL_ERROR)
        for exchange in exchanges:
            exchange.allowance += first - self._first
        self._first = first
        self.look_again()

    def allow(self, more: int) -> None:
        """The connection may take more.

        Raises:
            Http2ProtocolError: nothing more, or more than there is.
        """
        self._allowance += more
        if not more or self._allowance > LARGEST_WINDOW:
            message = "a window of no size"
            raise Http2ProtocolError(message, ErrorCode.FLOW_CONTROL_ERROR)
        self.look_again()

    def allow_stream(self, exchange: Http2Exchange, more: int) -> bool:
        """Whether it makes sense that a stream may take so much more."""
        exchange.allowance += more
        self.look_again()
        return more > 0 and exchange.allowance <= LARGEST_WINDOW

    def look_again(self) -> None:
        """There may be room, or nothing to wait for any more."""
        self._room.set()

    async def send(self, exchange: Http2Exchange, body: bytes) -> None:
        """All of it; an answer that comes before the end ends it."""
        loop = asyncio.get_running_loop()
        exchange.sending = True
        at = 0
        while at < len(body) and not exchange.ended:
            size = min(LARGEST_FRAME, len(body) - at, self._allowance, exchange.allowance)
            if size <= 0 or self._out.paused:
                self._room.clear()
                await self._room.wait()
                continue
            end = Flag.END_STREAM if at + size == len(body) else 0
            self._out.write(frame(FrameType.DATA, end, exchange.stream, body[at : at + size]))
            self._out.flush()
            at += size
            self._allowance -= size
            exchange.allowance -= size
            exchange.expires = loop.time() + exchange.read_timeout
        exchange.sending = False
        if at < len(body) and exchange.complete:
            self._out.write(number_frame(FrameType.RST_STREAM, exchange.stream, ErrorCode.NO_ERROR))
