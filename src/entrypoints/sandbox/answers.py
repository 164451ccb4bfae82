"""Answers of the sandbox."""

import email.utils
import gzip
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

NOT_MODIFIED = 304
_WORTH_COMPRESSING = 1024  # bytes

type Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, header fields and a body."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)


def json_answer(value: Any, status: int = 200, headers: Headers | None = None) -> Answer:
    """An API answer: never to be stored, as the real ones say."""
    now = email.utils.formatdate(time.time(), usegmt=True).encode()
    return Answer(
        status,
        json.dumps(value).encode(),
        [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"last-modified", now),
            (b"vary", b"Accept, origin, Accept-Encoding"),
            *(headers or []),
        ],
    )


def error_answer(status: int, *errors: str, headers: Headers | None = None) -> Answer:
    """An error in the API's own form."""
    return json_answer({"errors": list(errors)}, status, headers)


def compressed(answer: Answer, request: dict[bytes, bytes]) -> Answer:
    """The answer in gzip, where the client takes it and it is worth it."""
    taken = b"gzip" in request.get(b"accept-encoding", b"")
    if not taken or len(answer.body) < _WORTH_COMPRESSING:
        return answer
    fields = [*answer.headers, (b"content-encoding", b"gzip")]
    return Answer(answer.status, gzip.compress(answer.body, 1, mtime=0), fields)


class DocumentAnswers:
    """Metadata documents with validators; header fields are made once for each."""

    _MODIFIED = b"Thu, 01 Jan 2026 00:00:00 GMT"

    def __init__(self) -> None:
        self._fields: dict[bytes, Headers] = {}

    def answer(self, body: bytes, content_type: str, request: dict[bytes, bytes]) -> Answer:
        """The document, or 304 when the client has it already (RFC 9110 section 13)."""
        fields = self._fields.get(body)
        if fields is None:
            fields = self._fields[body] = self._headers(body, content_type)
        wanted = request.get(b"if-none-match")
        if wanted is not None:
            confirmed = wanted in (b"*", fields[0][1])
        else:
            confirmed = request.get(b"if-modified-since") == self._MODIFIED
        return Answer(NOT_MODIFIED, b"", fields[:3]) if confirmed else Answer(200, body, fields)

    def _headers(self, body: bytes, content_type: str) -> Headers:
        tag = hashlib.blake2b(body, digest_size=8).hexdigest()
        return [
            (b"etag", f'"{tag}"'.encode()),
            (b"last-modified", self._MODIFIED),
            (b"cache-control", b"public, max-age=3600"),
            (b"content-type", content_type.encode()),
        ]
