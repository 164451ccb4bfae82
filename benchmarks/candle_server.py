"""An upstream with klines of any pair: a few finished days, and the one that goes on.

`candle_server.py [DAYS]` writes one line, its base URL, once it answers, and serves until it is
ended. It keeps no limits of its own.
"""

import asyncio
import json
import socket
import sys
import time
from urllib.parse import parse_qs, urlsplit

import uvloop
from memory_server import Connection, Delay, answer

_DAY = 86_400_000  # milliseconds
_BACKLOG = 4096


class Candles:
    """Made when they are asked for, and counted."""

    def __init__(self, days: int) -> None:
        self._days = days
        self._requests = 0
        self.under_way = 0

    def begin_anew(self) -> None:
        """Forget what was asked."""
        self._requests = 0

    def to(self, url: bytes) -> bytes:
        """The answer to a request that counts."""
        self._requests += 1
        self.under_way += 1
        asked = parse_qs(urlsplit(url.decode()).query)
        start = int(asked.get("startTime", ["0"])[0])
        return answer(json.dumps(self._klines(start)).encode(), "no-store")

    def status(self) -> bytes:
        """The count."""
        return answer(json.dumps({"requests": self._requests}).encode(), "no-store")

    def _klines(self, start: int) -> list[list[object]]:
        today = int(time.time() * 1000) // _DAY * _DAY
        first = max(today - self._days * _DAY, -(-start // _DAY) * _DAY)
        prices = ("1.00", "2.00", "0.50", "1.50", "10.00")
        return [
            [at, *prices, at + _DAY - 1, "15.00", 7, "5.0", "7.5", "0"]
            for at in range(first, today + 1, _DAY)
        ]


async def main() -> None:
    candles = Candles(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    delay = Delay(0.0)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Connection(candles, delay), sock=listening)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
