"""Header fields that outlive the connection they came by."""

from domain.headers import Headers

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def end_to_end(headers: Headers) -> Headers:
    """The fields that may be stored (RFC 9111 section 3.1)."""
    listed = (headers.get("connection") or "").lower().split(",")
    dropped = _HOP_BY_HOP.union(name.strip() for name in listed)
    return Headers((name, value) for name, value in headers if name not in dropped)
