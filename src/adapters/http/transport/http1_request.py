"""The bytes of an HTTP/1.1 request (RFC 9112)."""

import re
from functools import lru_cache

import httpx

from adapters.http.transport.connection import Fields, RequestHead, SharedFields

_FORBIDDEN = re.compile(rb"[\r\n\0]")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def http1_request(request: RequestHead) -> bytes:
    """Head and body, to be sent in one piece.

    Raises:
        httpx.LocalProtocolError: the request would smuggle lines into its own head.
    """
    method, _, authority, target, fields, body = request
    shared = isinstance(fields, SharedFields)
    end = _known_end(authority, fields) if shared else _end(authority, fields)
    beginning = b"%b %b" % (method, target)
    if _FORBIDDEN.search(beginning) or beginning.count(b" ") != 1:
        raise _forbidden()
    return b"%b%b%b" % (beginning, end, body)


def _end(authority: bytes, fields: Fields) -> bytes:
    """All that follows the target."""
    pieces = [b" HTTP/1.1\r\nHost: ", authority]
    for name, value in fields:
        pieces += (_field_start(name), value)
    pieces.append(b"\r\n\r\n")
    head = b"".join(pieces)
    lines = len(fields) + 3
    if head.count(b"\r") != lines or head.count(b"\n") != lines or b"\0" in head:
        raise _forbidden()
    return head


_known_end = lru_cache(maxsize=256)(_end)
"""The same for fields that many requests share."""


def _forbidden() -> httpx.LocalProtocolError:
    message = "a field of the request holds a line break or another forbidden character"
    return httpx.LocalProtocolError(message)


@lru_cache(maxsize=256)
def _field_start(name: bytes) -> bytes:
    """What stands before a field's value; some servers know their fields by `Title-Case` only."""
    if not _TOKEN.fullmatch(name):
        message = "a field of the request has a name that is no token"
        raise httpx.LocalProtocolError(message)
    return b"\r\n" + name.title() + b": "
