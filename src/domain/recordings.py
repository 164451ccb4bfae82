"""Recorded answers of an upstream: what was asked, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from domain.headers import Headers
from domain.requests import Request, Response
from domain.sources import Window

RECORDED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When answers count as received whose recording does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The answers to one walk of a source.

    Attributes:
        target: what was asked for.
        answers: by `recording_key`.
        options: parameters of the source, where they were not the defaults.
        place: where it lies, for people.
    """

    target: str
    answers: Mapping[str, Response]
    options: Mapping[str, str] = field(default_factory=dict)
    window: Window = field(default_factory=Window)
    place: str = ""


def recording_key(request: Request) -> str:
    """What a recording knows a request by: its address below the base URL, with its query."""
    query = urlencode(request.params, safe="=")
    return f"{request.url}?{query}" if query else request.url


def recorded_response(body: bytes, headers: Mapping[str, str], at: datetime) -> Response:
    """A recorded answer as the client would hand it out; JSON unless its fields say otherwise."""
    fields = {"content-type": "application/json", **headers}
    return Response(200, Headers(fields.items()), body, at)
