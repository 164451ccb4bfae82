"""Answers of upstreams that have a form of their own."""

import hashlib
import json
from typing import Any

from entrypoints.sandbox.answers import NOT_MODIFIED, Answer, Headers
from entrypoints.sandbox.asked import Asked

_JSON = b"application/json;charset=utf-8"


def plain_json(value: Any, status: int = 200, fields: Headers | None = None) -> Answer:
    """JSON nothing said about caching."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, body, [(b"content-type", _JSON), *(fields or [])])


def tagged_json(
    value: Any, asked: Asked, cache_control: str, fields: Headers | None = None
) -> Answer:
    """JSON with an entity tag; 304 for who has it already (RFC 9110 section 13.1.2)."""
    answer = plain_json(value, fields=fields)
    tag = f'W/"{hashlib.blake2b(answer.body, digest_size=16).hexdigest()}"'
    headers = [
        *answer.headers,
        (b"etag", tag.encode()),
        (b"cache-control", cache_control.encode()),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
    if asked.headers.get("if-none-match") in ("*", tag):
        return Answer(NOT_MODIFIED, b"", headers)
    return Answer(200, answer.body, headers)
