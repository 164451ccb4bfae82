"""The fastest that a client can be: sends, waits, reads, and keeps nothing.

`raw_client.py BASE_URL HOSTS CONCURRENCY REQUESTS` says what an upstream delivers to so many
requests at once: `{"timings": {"fetching": seconds}}`.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Asking(asyncio.Protocol):
    """One connection: a request whenever the answer before has come."""

    def __init__(self, host: str, numbers: Iterator[int]) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._host = host
        self._numbers = numbers
        self._read = bytearray()
        self._missing: int | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Read on; ask again at the end of the answer."""
        self._read += data
        if self._missing is None:
            end = self._read.find(_END)
            found = _LENGTH.search(self._read, 0, end) if end >= 0 else None
            if found is None:
                return
            self._missing = end + len(_END) + int(found[1])
        if len(self._read) >= self._missing:
            self._read.clear()
            self._missing = None
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """An end that nobody asked for is a failure."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed by the upstream"))

    def _ask(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(
            f"GET /metadata/{number} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode()
        )


async def main(base: str, hosts: list[str], concurrency: int, requests: int) -> None:
    port = urlsplit(base).port
    numbers = iter(range(1, requests + 1))
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = []
    for each in range(concurrency):
        host = hosts[each % len(hosts)]
        made = await loop.create_connection(lambda host=host: Asking(host, numbers), host, port)
        clients.append(made[1].done)
    await asyncio.gather(*clients)
    print(json.dumps({"timings": {"fetching": time.perf_counter() - began}}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])))
