"""Answers made of bytes and of the recordings under `tests/recordings`."""

from datetime import UTC, datetime
from pathlib import Path

from domain.headers import Headers
from domain.requests import Response

RECORDINGS = Path(__file__).parents[1] / "recordings"
RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def answer_of(body: bytes, content_type: str = "application/json") -> Response:
    """A 200 with this body."""
    return Response(200, Headers([("content-type", content_type)]), body, RECEIVED_AT)


def recorded(path: str) -> Response:
    """A recording as an answer; the path is relative to `tests/recordings`."""
    return answer_of((RECORDINGS / path).read_bytes())
