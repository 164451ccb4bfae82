"""An HTTP/1.1 server on loopback that does everything wrong, one behaviour a path."""

import asyncio
import gzip
import itertools
import os
import socket
import struct
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import cache

JSON_BODY = b'{"name": "thing"}'
type Behaviour = Callable[["Exchange"], Awaitable[None]]
_BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(path: str) -> Callable[[Behaviour], Behaviour]:
    def register(function: Behaviour) -> Behaviour:
        _BEHAVIOURS[path] = function
        return function

    return register


class Exchange:
    """One request, and the means to answer it badly."""

    def __init__(
        self, server: "HostileServer", writer: asyncio.StreamWriter, headers: dict[str, str]
    ) -> None:
        self.server = server
        self.writer = writer
        self.headers = headers
        self.number = 0

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status: int, body: bytes = b"", **fields: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        await self.raw("\r\n".join([*lines, "", ""]).encode() + body)


class HostileServer:
    """Counts what it is asked; `keys` are the API keys it saw, by path."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.keys: dict[str, list[str | None]] = {}
        self.user_agents: set[str | None] = set()
        self.connections = 0
        self.url = ""
        self.elsewhere = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split(" ")[1]
                pairs = (line.partition(":") for line in lines[1:] if ":" in line)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                exchange = Exchange(self, writer, headers)
                exchange.number = self.asked[path]
                self.asked[path] += 1
                self.keys.setdefault(path, []).append(headers.get("x-api-key"))
                self.user_agents.add(headers.get("user-agent"))
                await _BEHAVIOURS[path](exchange)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def hostile_server() -> AsyncGenerator[HostileServer]:
    hostile = HostileServer()
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(hostile.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    hostile.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield hostile
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@behaviour("/ok")
async def ok(exchange: Exchange) -> None:
    await exchange.answer(200, JSON_BODY)


@behaviour("/silent")
async def silent(exchange: Exchange) -> None:
    await asyncio.sleep(60)


@behaviour("/slow-headers")
async def slow_headers(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        await exchange.raw(f"X-{number}: y\r\n".encode())
        await asyncio.sleep(0.02)


@behaviour("/endless-headers")
async def endless_headers(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        await exchange.raw(b"X-%d: " % number + b"y" * 4096 + b"\r\n")


@behaviour("/early-hints")
async def early_hints(exchange: Exchange) -> None:
    while True:
        await exchange.raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
        await asyncio.sleep(0.01)


@behaviour("/slow-body")
async def slow_body(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        await exchange.raw(b"a")
        await asyncio.sleep(0.02)


@behaviour("/endless")
async def endless(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    while True:
        await exchange.raw(chunk)


@cache
def gzip_bomb() -> bytes:
    """200 MB of zeros in 200 KB."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    pieces = [packer.compress(bytes(1_000_000)) for _ in range(200)]
    return b"".join([*pieces, packer.flush()])


@behaviour("/bomb")
async def bomb(exchange: Exchange) -> None:
    await exchange.answer(200, gzip_bomb(), Content_Encoding="gzip")


@behaviour("/stacked")
async def stacked(exchange: Exchange) -> None:
    body = gzip.compress(gzip.compress(JSON_BODY))
    await exchange.answer(200, body, Content_Encoding="gzip, gzip")


@behaviour("/bad-gzip")
async def bad_gzip(exchange: Exchange) -> None:
    await exchange.answer(200, b"not gzip at all", Content_Encoding="gzip")


@behaviour("/truncated-gzip")
async def truncated_gzip(exchange: Exchange) -> None:
    await exchange.answer(200, gzip.compress(os.urandom(9000))[:-20], Content_Encoding="gzip")


@behaviour("/cut-short")
async def cut_short(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + JSON_BODY)
    exchange.writer.close()


@behaviour("/cut-chunk")
async def cut_chunk(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc")
    exchange.writer.close()


@behaviour("/reset")
async def reset(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    await asyncio.sleep(0.02)
    linger = struct.pack("ii", 1, 0)
    exchange.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    exchange.writer.transport.abort()


@behaviour("/banner")
async def banner(exchange: Exchange) -> None:
    await exchange.raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    exchange.writer.close()


@behaviour("/two-lengths")
async def two_lengths(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")


@behaviour("/loop")
async def loop(exchange: Exchange) -> None:
    await exchange.answer(302, Location="/loop")


@behaviour("/to-metadata")
async def to_metadata(exchange: Exchange) -> None:
    await exchange.answer(302, Location="http://169.254.169.254/latest/meta-data/")


@behaviour("/elsewhere")
async def elsewhere(exchange: Exchange) -> None:
    await exchange.answer(302, Location=f"{exchange.server.elsewhere}/ok")


@behaviour("/html")
async def html(exchange: Exchange) -> None:
    await exchange.answer(200, b"<html>Just a moment...</html>", Content_Type="text/html")


@behaviour("/429-seconds")
async def throttled_seconds(exchange: Exchange) -> None:
    if exchange.number:
        await exchange.answer(200, JSON_BODY)
    else:
        await exchange.answer(429, b"slow down", Retry_After="2")


@behaviour("/429-date")
async def throttled_date(exchange: Exchange) -> None:
    there = 1_000_000_000.0  # a clock that is decades wrong
    if exchange.number:
        await exchange.answer(200, JSON_BODY)
    else:
        fields = {
            "Date": formatdate(there, usegmt=True),
            "Retry_After": formatdate(there + 3, usegmt=True),
        }
        await exchange.answer(429, b"slow down", **fields)


@behaviour("/429-garbage")
async def throttled_garbage(exchange: Exchange) -> None:
    if exchange.number:
        await exchange.answer(200, JSON_BODY)
    else:
        await exchange.answer(429, b"slow down", Retry_After="-1; soon")


@behaviour("/429-for-ever")
async def throttled_for_ever(exchange: Exchange) -> None:
    await exchange.answer(429, b"slow down", Retry_After="999999999")


@behaviour("/quota")
async def quota(exchange: Exchange) -> None:
    fields = {"X_RateLimit_Limit": "1", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "40"}
    await exchange.answer(200, JSON_BODY, **fields)


@behaviour("/keyed")
async def keyed(exchange: Exchange) -> None:
    await exchange.answer(200 if exchange.headers.get("x-api-key") == "key-2" else 401, JSON_BODY)


@behaviour("/unavailable")
async def unavailable(exchange: Exchange) -> None:
    await exchange.answer(503)


@behaviour("/cookie")
async def cookie(exchange: Exchange) -> None:
    assert "cookie" not in exchange.headers
    await exchange.answer(200, JSON_BODY, Set_Cookie="a=" + "b" * 75_000 + "; Path=/")


@behaviour("/gone")
async def gone(exchange: Exchange) -> None:
    await exchange.answer(404, b'{"errors": ["no such thing"]}', Retry_After="0")


@behaviour("/short-length")
async def short_length(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + JSON_BODY)


@behaviour("/no-length")
async def no_length(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + JSON_BODY)
    exchange.writer.close()


@behaviour("/no-length-cut")
async def no_length_cut(exchange: Exchange) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    await exchange.raw(head + JSON_BODY[:-1])
    exchange.writer.close()


@behaviour("/length-and-chunked")
async def length_and_chunked(exchange: Exchange) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
    await exchange.raw(head + b"2\r\n{}\r\n0\r\n\r\n")


@behaviour("/crlf")
async def crlf(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nX-A: b\rX-C: d\r\nContent-Length: 2\r\n\r\n{}")


@behaviour("/late")
async def late(exchange: Exchange) -> None:
    """The first answer comes when its caller has gone; the others carry their own number."""
    if not exchange.number:
        await asyncio.sleep(0.5)
    await exchange.answer(200, b'{"number": %d}' % exchange.number)
