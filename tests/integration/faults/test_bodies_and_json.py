"""Bodies that swell, and documents that no reader should trust."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.sources.json_documents import decode
from domain.errors import FetchError, HostileError, ParseError
from domain.requests import METADATA_BYTES, CacheMode, CachePolicy, Request, Response, Trust
from tests.support.http_stack import http_stack
from tests.support.scripted_server import scripted_server

ROOT = Path(__file__).parents[3]
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("cap", [5 * MEGABYTE, 64 * MEGABYTE])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_f007_a_bomb_costs_its_cap_and_16_megabytes_at_most(coding: str, cap: int) -> None:
    """400 MB in a few hundred kilobytes, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.bomb_reader", coding, str(cap)],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=True,
    )  # fmt: skip

    assert int(done.stdout) <= cap + 16 * MEGABYTE


async def _fetched(body: bytes, fields: str = "") -> Response | FetchError:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    async with (
        scripted_server([head.encode() + body] * 3) as server,
        http_stack(server.url) as stack,
    ):
        request = Request(
            kind="x",
            url=server.url,
            trust=Trust.UNTRUSTED,
            cache=CachePolicy(CacheMode.OFF),
            max_bytes=METADATA_BYTES,
        )
        try:
            return await stack.fetcher.fetch(request)
        except FetchError as error:
            return error


HOSTILE_DOCUMENTS = {
    "f069 trailing": b'{"a": 1} trailing',
    "f070 not a number": b'{"a": NaN}',
    "f070 infinite": b'{"a": 1e999}',
    "f072 five million digits": b"1" * 5_000_000,
    "f074 deep": b"[" * 100_000 + b"]" * 100_000,
    "f078 not UTF-8": '{"a": "é"}'.encode("latin-1"),
    "f079 lines": b'{"a": 1}\n{"a": 2}\n',
}


@pytest.mark.parametrize("body", HOSTILE_DOCUMENTS.values(), ids=HOSTILE_DOCUMENTS)
def test_f069_f070_f072_f074_f078_f079_a_bad_document_is_one_kind_of_error(body: bytes) -> None:
    """On its way through all layers: an error of the fetch, or of the reading, and no crash."""
    outcome = asyncio.run(_fetched(body, "Content-Type: application/json\r\n"))

    if isinstance(outcome, Response):
        with pytest.raises(ParseError):
            decode(outcome.body, outcome.headers.get("content-type"))


def test_f075_a_body_over_its_cap_is_refused_before_it_is_read_as_json() -> None:
    """200 MB of text never reach a parser."""
    outcome = asyncio.run(_fetched(b'"' + b"x" * (METADATA_BYTES + 1)))

    assert isinstance(outcome, HostileError)


def test_f071_f078_exact_numbers_and_other_charsets_survive_the_way() -> None:
    """Wei and token ids as they were sent; Latin-1 where it is named."""
    number = 2**255 + 1
    body = json.dumps({"id": number, "name": "Café"}, ensure_ascii=False).encode("latin-1")
    outcome = asyncio.run(_fetched(body, "Content-Type: application/json; charset=latin-1\r\n"))

    assert isinstance(outcome, Response)
    found = decode(outcome.body, outcome.headers.get("content-type"))
    assert found == {"id": number, "name": "Café"}
