"""Header fields that outlive the connection they came by."""

from functools import lru_cache

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
    listed = headers.by_name.get("connection")
    return headers.without(_HOP_BY_HOP if listed is None else _dropped(listed))


@lru_cache(maxsize=64)
def _dropped(listed: str) -> frozenset[str]:
    return _HOP_BY_HOP.union([name.strip() for name in listed.lower().split(",")])
