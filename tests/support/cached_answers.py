"""Answers for tests of the cache's rules."""

from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import Terms
from domain.http_caching.vary import vary_key
from domain.requests import CacheMode, CachePolicy

T0 = 1_767_323_045.0
DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
DAY_BEFORE = "Thu, 01 Jan 2026 03:04:05 GMT"
HOUR_LATER = "Fri, 02 Jan 2026 04:04:05 GMT"
RFC = Terms(CachePolicy())
IMMUTABLE = Terms(CachePolicy(CacheMode.IMMUTABLE))
KEEP = Terms(CachePolicy(CacheMode.KEEP, 600))
OFF = Terms(CachePolicy(CacheMode.OFF))
ANY = Headers((("accept", "application/json"),))


def answer(
    *fields: tuple[str, str], status: int = 200, date: str | None = DATE, body: bytes = b"{}"
) -> StoredResponse:
    """An answer received at T0, without delay."""
    headers = Headers((*fields, *([("date", date)] if date else [])))
    return StoredResponse(
        source="opensea",
        url="https://api.example/",
        status=status,
        headers=headers,
        body=body,
        vary_key=vary_key(headers, ANY),
        requested_at=T0,
        received_at=T0,
        body_received_at=T0,
        expires_at=T0 + 1e9,
    )
