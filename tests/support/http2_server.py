"""A server on loopback that speaks HTTP/2 frame by frame, well or badly as a script says.

Fields are packed by the hpack library, frames are written out here, so that nothing of the client
under test checks itself.
"""

import asyncio
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import hpack
import trustme

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = (
    0,
    1,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
END_STREAM, END_HEADERS = 1, 4
OK = ((":status", "200"),)


def raw_frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


class Http2Peer:
    """One connection of a client.

    Attributes:
        number: of the connection, from 1.
        paths: what was asked on it, in order.
        resets: codes of the client's RST_STREAM by stream.
        received: bytes of request bodies by stream.
        goaway: the code of the client's GOAWAY.
        credit: WINDOW_UPDATE increments by stream.
    """

    def __init__(self, server: "Http2Server", writer: asyncio.StreamWriter) -> None:
        self.number = server.connections
        self.paths: list[str] = []
        self.fields: dict[int, dict[str, str]] = {}
        self.resets: dict[int, int] = {}
        self.received: dict[int, int] = {}
        self.credit: dict[int, int] = {}
        self.goaway: int | None = None
        self.ended = asyncio.Event()
        self._server = server
        self._writer = writer
        self._encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()

    def send(self, *frames: bytes) -> None:
        self._writer.write(b"".join(frames))

    def head(
        self, stream: int, fields: Sequence[tuple[str, str]] = OK, *, end: bool = False
    ) -> bytes:
        flags = END_HEADERS | (END_STREAM if end else 0)
        return raw_frame(HEADERS, flags, stream, self._encoder.encode(fields))

    def block(self, fields: Sequence[tuple[str, str]]) -> bytes:
        return self._encoder.encode(fields)

    def answer(self, stream: int, body: bytes = b"{}") -> None:
        """A whole answer with its length."""
        length = (*OK, ("content-type", "application/json"), ("content-length", str(len(body))))
        self.send(self.head(stream, length), raw_frame(DATA, END_STREAM, stream, body))

    def reset(self, stream: int, code: int) -> None:
        self.send(raw_frame(RST_STREAM, 0, stream, struct.pack(">I", code)))

    def go_away(self, last: int, code: int = 0) -> None:
        self.send(raw_frame(GOAWAY, 0, 0, struct.pack(">II", last, code)))

    def close(self) -> None:
        self._writer.close()

    async def serve(self, reader: asyncio.StreamReader) -> None:
        await reader.readexactly(len(PREFACE))
        if self._server.greeting is not None:
            self.send(self._server.greeting)
        while True:
            head = await reader.readexactly(9)
            size, kind, flags = int.from_bytes(head[:3]), head[3], head[4]
            stream = int.from_bytes(head[5:]) & 0x7FFFFFFF
            payload = await reader.readexactly(size)
            await self._take(kind, flags, stream, payload)

    async def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == HEADERS:
            packed = self._decoder.decode(payload, raw=True)
            fields = {name.decode(): value.decode() for name, value in packed}
            self.fields[stream] = fields
            self.paths.append(fields[":path"])
            self._server.paths.append(fields[":path"])
            await self._server.script(self, stream, fields[":path"])
        elif kind == DATA:
            self.received[stream] = self.received.get(stream, 0) + len(payload)
            if flags & END_STREAM:
                await self._server.script(self, stream, "end of body")
        elif kind == RST_STREAM:
            self.resets[stream] = int.from_bytes(payload)
        elif kind == WINDOW:
            self.credit[stream] = self.credit.get(stream, 0) + int.from_bytes(payload)
        elif kind == GOAWAY:
            self.goaway = int.from_bytes(payload[4:8])


type Script = Callable[[Http2Peer, int, str], Awaitable[None]]


class Http2Server:
    """Runs `script(peer, stream, path)` for each request.

    Attributes:
        greeting: the first bytes of each connection; None for silence.
        offers: the protocols that it knows, in ALPN's words.
        plain: requests that came over HTTP/1.1.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.greeting: bytes | None = raw_frame(SETTINGS, 0, 0)
        self.offers = ["h2", "http/1.1"]
        self.connections = 0
        self.peers: list[Http2Peer] = []
        self.paths: list[str] = []
        self.plain: list[str] = []
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        try:
            if tls.selected_alpn_protocol() == "h2":
                peer = Http2Peer(self, writer)
                self.peers.append(peer)
                try:
                    await peer.serve(reader)
                finally:
                    peer.ended.set()
            else:
                await self._plain(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.plain.append(head.split(b" ")[1].decode())
            fields = b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\n" + fields + b"{}")


@asynccontextmanager
async def http2_server(script: Script, authority: trustme.CA) -> AsyncGenerator[Http2Server]:
    server = Http2Server(script)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("good.test").configure_cert(context)
    context.set_alpn_protocols(server.offers)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    server.url = f"https://good.test:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
