"""An upstream whose answers may be kept: 1.5 kB of JSON for every path. Prints its port."""

import asyncio
import sys
from email.utils import formatdate

BODY_BYTES = 1_500
_END = b"\r\n\r\n"


def body_of(path: str) -> bytes:
    """The document at a path."""
    words = f'{{"name": "{path}", "attributes": ['.encode()
    traits = b", ".join(
        b'{"trait_type": "Trait %d", "value": "%s%d"}' % (n, path.encode()[-6:], n * 7919)
        for n in range(40)
    )
    return (words + traits)[: BODY_BYTES - 2] + b"]}"


def _answer(path: str) -> bytes:
    body = body_of(path)
    fields = (
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        f"Date: {formatdate(usegmt=True)}",
        f"Last-Modified: {formatdate(1_700_000_000, usegmt=True)}",
        "Cache-Control: public, max-age=86400",
        f'ETag: "{path[-8:]}"',
        "Server: bench",
        "X-Content-Type-Options: nosniff",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(fields).encode() + _END + body


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(_END):
            path = head.split(b" ", 2)[1].decode()
            writer.write(_answer(path))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
