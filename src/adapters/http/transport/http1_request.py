"""The bytes of an HTTP/1.1 request (RFC 9112)."""

import re
from functools import lru_cache

import httpx

from adapters.http.transport.connection import RequestHead

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def http1_request(request: RequestHead) -> bytes:
    """Head and body, to be sent in one piece.

    Raises:
        httpx.LocalProtocolError: the request would smuggle lines into its own head.
    """
    pieces = [request.method, b" ", request.target, b" HTTP/1.1\r\nHost: ", request.authority]
    for name, value in request.headers:
        pieces += (_field_start(name), value)
    pieces.append(b"\r\n\r\n")
    head = b"".join(pieces)
    lines = len(request.headers) + 3
    if (
        head.count(b"\r") != lines
        or head.count(b"\n") != lines
        or b"\0" in head
        or b" " in request.target
        or b" " in request.method
    ):
        message = "a field of the request holds a line break or another forbidden character"
        raise httpx.LocalProtocolError(message)
    return head + request.body if request.body else head


@lru_cache(maxsize=256)
def _field_start(name: bytes) -> bytes:
    """What stands before a field's value; some servers know their fields by `Title-Case` only."""
    if not _TOKEN.fullmatch(name):
        message = "a field of the request has a name that is no token"
        raise httpx.LocalProtocolError(message)
    return b"\r\n" + name.title() + b": "
