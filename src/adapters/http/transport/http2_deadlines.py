"""Notices streams that have fallen silent."""

import asyncio
from collections.abc import Callable, Mapping

from adapters.http.transport.http2_exchange import Http2Exchange


class Http2Deadlines:
    """One timer for all streams of a connection, set to the first that may run out.

    Args:
        exchanges: those under way.
        on_silence: called with one that has been silent for its `read_timeout`.
    """

    def __init__(
        self,
        exchanges: Mapping[int, Http2Exchange],
        on_silence: Callable[[Http2Exchange], None],
    ) -> None:
        self._exchanges = exchanges
        self._on_silence = on_silence
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, exchange: Http2Exchange) -> None:
        """From now on, silence counts."""
        self.heard(exchange)
        if self._timer is not None and self._timer.when() > exchange.expires:
            self.stop()
        if self._timer is None:
            self._timer = self._loop.call_at(exchange.expires, self._look)

    def heard(self, exchange: Http2Exchange) -> None:
        """Something came."""
        exchange.expires = self._loop.time() + exchange.read_timeout

    def stop(self) -> None:
        """Leave nothing behind."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Silence is no fault while the reader is behind."""
        self._timer = None
        now = self._loop.time()
        for exchange in list(self._exchanges.values()):
            if exchange.expires > now:
                continue
            if exchange.waiting:
                self.heard(exchange)
            else:
                self._on_silence(exchange)
        if self._exchanges and self._timer is None:
            first = min(each.expires for each in self._exchanges.values())
            self._timer = self._loop.call_at(first, self._look)
