"""The program behind `memory_upstream`: every answer from memory, each after the same delay.

`memory_server.py ITEMS LATENCY HOSTS CACHE_CONTROL` writes one line, its base URL, once it
answers, and serves until it is ended. asyncio over uvloop, requests read by httptools.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

import httptools
import uvloop
from upstream_data import PAGE, SLUG, cursor, generate

_BACKLOG = 4096
_LIST = f"/api/v2/collection/{SLUG}/nfts".encode()
_COLLECTION = f"/api/v2/collections/{SLUG}".encode()
_STATUS, _ANEW = b"/status", b"/anew"
_HEAD = "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"


class Answers:
    """All answers, ready but for their date, and the count of what was asked."""

    def __init__(self, items: int, hosts: int, port: int, cache_control: str) -> None:
        folder = generate(items)
        self._documents = {
            f"/metadata/{number}".encode(): answer(
                (folder / "metadata" / str(number)).read_bytes(), cache_control
            )
            for number in range(1, items + 1)
        }
        self._pages = {
            cursor(start).encode() if start else b"": answer(
                _spread((folder / "pages" / str(start)).read_bytes(), hosts, port), "no-store"
            )
            for start in range(0, items, PAGE)
        }
        self._collection = answer((folder / "collection").read_bytes(), "no-store")
        self._unknown = answer(b"{}", "no-store", "404 Not Found")
        self.under_way = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was asked."""
        self._asked: set[bytes] = set()
        self._requests = self._repeated = self._repeated_lists = self._most = 0

    def to(self, url: bytes) -> bytes:
        """The answer to a request that counts."""
        self._requests += 1
        if url in self._asked:
            self._repeated += 1
            self._repeated_lists += url not in self._documents
        self._asked.add(url)
        self.under_way += 1
        self._most = max(self._most, self.under_way)
        document = self._documents.get(url)
        if document is not None:
            return document
        path, _, query = url.partition(b"?")
        if path == _LIST:
            named = dict(each.partition(b"=")[::2] for each in query.split(b"&"))
            return self._pages.get(named.get(b"next", b""), self._unknown)
        return self._collection if path == _COLLECTION else self._unknown

    def status(self) -> bytes:
        """The counts."""
        counts = {
            "requests": self._requests,
            "repeated": self._repeated,
            "repeated_lists": self._repeated_lists,
            "most_at_once": self._most,
        }
        return answer(json.dumps(counts).encode(), "no-store")


class Delay:
    """Calls back after always the same time, to a tenth of a millisecond.

    The timers of event loops count whole milliseconds, which is two percent of the delay that is
    to be shown; a thread can sleep more exactly. What comes first is due first.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[tuple[float, Callable[[], None]]] = SimpleQueue()
        if seconds:
            threading.Thread(target=self._sleep, daemon=True).start()

    def call(self, back: Callable[[], None]) -> None:
        """Call back when the time has come; without a delay, at once."""
        if self._seconds:
            self._waiting.put((time.perf_counter() + self._seconds, back))
        else:
            back()

    def _sleep(self) -> None:
        while True:
            due, back = self._waiting.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            self._loop.call_soon_threadsafe(back)


class Answering(Protocol):
    """What a connection asks; see `Answers`.

    Attributes:
        under_way: answers that were given out and are not sent yet.
    """

    under_way: int

    def begin_anew(self) -> None:
        """Forget what was asked."""

    def to(self, url: bytes) -> bytes:
        """The answer to a request that counts."""

    def status(self) -> bytes:
        """The counts."""


class Connection(asyncio.Protocol):
    """One connection; its requests come one after the other."""

    def __init__(self, answers: Answering, delay: Delay) -> None:
        self._answers = answers
        self._delay = delay
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
        """Answer, when the time has come."""
        if self._url in {_STATUS, _ANEW}:
            if self._url == _ANEW:
                self._answers.begin_anew()
            self._transport.write(_dated(self._answers.status()))
            return
        self._delay.call(partial(self._write, self._answers.to(self._url)))

    def _write(self, answer: bytes) -> None:
        self._answers.under_way -= 1
        if not self._transport.is_closing():  # a client that was killed
            self._transport.write(_dated(answer))


def answer(body: bytes, cache_control: str, status: str = "200 OK") -> bytes:
    """An answer, ready but for its date."""
    head = _HEAD.format(status=status, length=len(body))
    return f"{head}Cache-Control: {cache_control}\r\n\r\n".encode() + body


def _dated(answer: bytes) -> bytes:
    line, _, rest = answer.partition(b"\r\n")
    return b"%b\r\nDate: %b\r\n%b" % (line, formatdate(usegmt=True).encode(), rest)


def _spread(page: bytes, hosts: int, port: int) -> bytes:
    """The page, its documents on so many hosts."""
    value = json.loads(page)
    for nft in value["nfts"]:
        number = int(nft["identifier"])
        nft["metadata_url"] = f"http://127.0.0.{2 + number % hosts}:{port}/metadata/{number}"
    return json.dumps(value).encode()


async def main() -> None:
    items, latency, hosts = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    main_socket = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    port = main_socket.getsockname()[1]
    sockets = [main_socket] + [
        socket.create_server((f"127.0.0.{2 + number}", port), backlog=_BACKLOG)
        for number in range(hosts)
    ]
    answers = Answers(items, hosts, port, sys.argv[4])
    delay = Delay(latency)
    loop = asyncio.get_running_loop()
    for each in sockets:
        await loop.create_server(lambda: Connection(answers, delay), sock=each, backlog=_BACKLOG)
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
