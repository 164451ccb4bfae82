"""An upstream with klines of any pair: a few finished days, and the one that goes on.

`candle_server.py [DAYS]` writes one line, its base URL, once it answers, and serves until it is
ended. asyncio over uvloop, requests read by httptools. It keeps no limits of its own.
"""

import asyncio
import json
import socket
import sys
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httptools
import uvloop

_DAY = 86_400_000  # milliseconds
_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
    "Date: {date}\r\n\r\n"
)
_ASKED = "/asked"


class Connection(asyncio.Protocol):
    """One connection; its requests come one after the other."""

    asked = 0

    def __init__(self, days: int) -> None:
        self._days = days
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""

    def connection_made(self, transport: Any) -> None:
        """Keep what answers are written to."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read on; a request that nobody can read ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        """A new request."""
        self._url = b""

    def on_url(self, url: bytes) -> None:
        """A part of its address."""
        self._url += url

    def on_message_complete(self) -> None:
        """Answer."""
        split = urlsplit(self._url.decode())
        if split.path == _ASKED:
            body = json.dumps(Connection.asked).encode()
        else:
            Connection.asked += 1
            named = {name: values[0] for name, values in parse_qs(split.query).items()}
            body = json.dumps(_klines(int(named.get("startTime", "0")), self._days)).encode()
        head = _HEAD.format(length=len(body), date=formatdate(usegmt=True))
        self._transport.write(head.encode() + body)


def _klines(start: int, days: int) -> list[list[object]]:
    today = int(time.time() * 1000) // _DAY * _DAY
    first = max(today - days * _DAY, -(-start // _DAY) * _DAY)
    return [
        [at, "1.00", "2.00", "0.50", "1.50", "10.00", at + _DAY - 1, "15.00", 7, "5.0", "7.5", "0"]
        for at in range(first, today + 1, _DAY)
    ]


async def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Connection(days), sock=listening)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
