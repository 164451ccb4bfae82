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
_ALWAYS = _HOP_BY_HOP | {"close"}


def end_to_end(headers: Headers) -> Headers:
    """The fields that may be stored (RFC 9111 section 3.1)."""
    listed = headers.by_name.get("connection")
    return headers.without(_HOP_BY_HOP if listed is None else _dropped(listed))


def handed_on(headers: Headers, withheld: frozenset[str]) -> Headers:
    """The fields without those withheld, in lower case, and those of the connection.

    Where `Connection` names further fields, all stay until the answer is stored: one of them may
    say that it must not be.
    """
    return headers.without(_of_no_use(headers.by_name.get("connection"), withheld))


@lru_cache(maxsize=64)
def _dropped(listed: str) -> frozenset[str]:
    return _HOP_BY_HOP.union(_names(listed))


@lru_cache(maxsize=64)
def _of_no_use(listed: str | None, withheld: frozenset[str]) -> frozenset[str]:
    return withheld | _HOP_BY_HOP if _ALWAYS.issuperset(_names(listed or "close")) else withheld


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.lower().split(",")]
