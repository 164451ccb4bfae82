"""A server on loopback that answers one request after another as it was told."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

type Answer = bytes | None
"""What is sent for a request; None: the connection is closed without a word."""


class ScriptedServer:
    """Remembers what it was asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.url = ""
        self.connections = 0
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self._answers = iter(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                self.bodies.append(await _body(head, reader))
                answer = next(self._answers)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    fields = head.lower()
    if b"\r\ntransfer-encoding: chunked\r\n" in fields:
        return await reader.readuntil(b"0\r\n\r\n")
    if b"\r\ncontent-length: " in fields:
        length = fields.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        return await reader.readexactly(int(length))
    return b""


@asynccontextmanager
async def scripted_server(
    answers: Sequence[Answer], context: ssl.SSLContext | None = None
) -> AsyncGenerator[ScriptedServer]:
    scripted = ScriptedServer(answers)
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(scripted.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    scheme = "https" if context else "http"
    scripted.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
