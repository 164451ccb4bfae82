"""Reads a bomb under a cap and prints by how many bytes that made this process grow.

Arguments: coding, cap in bytes. The bomb is made beforehand and is small.
"""

import asyncio
import resource
import sys
import zlib
from collections.abc import AsyncIterator

import httpx
import zstandard

from adapters.http.body_reader import BodyReader
from adapters.http.deadlines import Deadlines
from domain.errors import HostileError
from domain.headers import Headers

_PIECE = bytes(1_000_000)
_PIECES = 400


def bomb(coding: str) -> bytes:
    """400 MB of zeros, packed."""
    if coding == "zstd":
        frame = zstandard.ZstdCompressor().compressobj()
        pieces = [frame.compress(_PIECE) for _ in range(_PIECES)]
        return b"".join([*pieces, frame.flush()])
    packer = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    pieces = [packer.compress(_PIECE) for _ in range(_PIECES)]
    return b"".join([*pieces, packer.flush()])


async def _read(coding: str, packed: bytes, cap: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(packed), 65536):
            yield packed[at : at + 65536]

    response = httpx.Response(
        200,
        headers={"content-encoding": coding},
        content=pieces(),
        request=httpx.Request("GET", "http://bomb.test/"),
    )
    reader = BodyReader(Deadlines(), lambda: 0.0)
    try:
        await reader.read(response, Headers([("content-encoding", coding)]), cap)
    except HostileError:
        return
    message = "the bomb was read"
    raise SystemExit(message)


def _main(coding: str, cap: int) -> None:
    asyncio.run(_read(coding, bomb(coding), 1))  # whatever is loaded late is loaded now
    packed = bomb(coding)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asyncio.run(_read(coding, packed, cap))
    sys.stdout.write(str((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
