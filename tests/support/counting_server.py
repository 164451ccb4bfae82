"""An HTTP/1.1 server on loopback that answers by a function and counts."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Reply:
    """What is sent for a request.

    Attributes:
        cut: the connection is closed without a word instead.
        gate: nothing is sent before it opens.
    """

    status: int = 200
    body: bytes = b'{"name": "thing"}'
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    cut: bool = False
    gate: asyncio.Event | None = None


CUT = Reply(cut=True)
type Answers = Callable[[str, int], Reply]


class CountingServer:
    """`asked` by path; `most_at_once` is the largest number of requests under way together."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.url = ""
        self.asked: Counter[str] = Counter()
        self.methods: list[str] = []
        self.fields: list[str] = []
        self.connections = 0
        self.under_way = 0
        self.most_at_once = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split(" ", 2)
        lower = head.lower()
        if "\r\ncontent-length: " in lower:
            length = lower.partition("\r\ncontent-length: ")[2].partition("\r\n")[0]
            await reader.readexactly(int(length))
        number = self.asked[path]
        self.asked[path] += 1
        self.methods.append(method)
        self.fields.append(lower)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            reply = self._answers(path, number)
            if reply.gate is not None:
                await reply.gate.wait()
            if reply.cut:
                return False
            lines = [f"HTTP/1.1 {reply.status} Whatever"]
            lines += [f"{name}: {value}" for name, value in reply.headers.items()]
            if reply.status != 204:
                lines.append(f"Content-Length: {len(reply.body)}")
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body)
            await writer.drain()
        finally:
            self.under_way -= 1
        return True


@asynccontextmanager
async def counting_server(answers: Answers) -> AsyncGenerator[CountingServer]:
    counting = CountingServer(answers)
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(counting.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=1024)
    counting.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield counting
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
