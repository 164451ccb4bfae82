"""A caller's own conditions, judged by what is stored (RFC 9111 section 4.3.2)."""

import re

from domain.headers import Headers
from domain.http_caching.http_dates import parse_http_date
from domain.http_caching.stored_response import StoredResponse

CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
"""Fields that a cache judges itself."""

ORIGIN_ONLY = frozenset({"if-match", "if-unmodified-since"})
"""Fields that only the origin may judge."""

_TAG = re.compile(r'(?:W/)?"[^"]*"|[^,\s]+')
_SENT_ALONG = frozenset(
    {
        "age",
        "cache-control",
        "content-location",
        "date",
        "etag",
        "expires",
        "last-modified",
        "vary",
    }
)
_OK = 200
_NOT_MODIFIED = 304


def is_conditional(request_headers: Headers) -> bool:
    """The caller holds an answer of its own and asks whether it is current."""
    return any(name in CONDITIONS for name, _ in request_headers)


def not_modified(stored: StoredResponse, request_headers: Headers) -> bool:
    """What the caller holds is what is stored: a 304 says enough.

    If-None-Match takes precedence, compared weakly; without a Last-Modified the Date, else the
    time of receipt, stands in for it.
    """
    if stored.status != _OK:
        return False
    tags = request_headers.get("if-none-match")
    if tags is not None:
        return _is_among(stored.headers.get("etag"), tags)
    since = parse_http_date(request_headers.get("if-modified-since") or "")
    if since is None:
        return False
    modified = parse_http_date(
        stored.headers.get("last-modified") or stored.headers.get("date") or ""
    )
    return (stored.received_at if modified is None else modified) <= since


def as_not_modified(stored: StoredResponse) -> StoredResponse:
    """The 304 in place of the stored answer (RFC 9110 section 15.4.5)."""
    fields = Headers(field for field in stored.headers if field[0] in _SENT_ALONG)
    return stored._replace(status=_NOT_MODIFIED, headers=fields, body=b"")


def _is_among(known: str | None, tags: str) -> bool:
    if tags.strip() == "*":
        return True
    if known is None:
        return False
    return known.removeprefix("W/") in {tag.removeprefix("W/") for tag in _TAG.findall(tags)}
