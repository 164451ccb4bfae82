"""What an unsafe request makes doubtful (RFC 9111 section 4.4)."""

from urllib.parse import SplitResult, urljoin, urlsplit

from domain.headers import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1); an unknown one may."""

_NO_ERROR = range(200, 400)
_PORTS = {"http": 80, "https": 443}


def invalidated_urls(method: str, url: str, status: int, headers: Headers) -> tuple[str, ...]:
    """Addresses whose stored answers must not be used any more.

    The target of an unsafe method that did not fail, and what Location and Content-Location name
    on the same origin.
    """
    if method in SAFE_METHODS or status not in _NO_ERROR:
        return ()
    named = (
        _resolved(url, value)
        for field in ("location", "content-location")
        for value in headers.get_all(field)
    )
    return tuple(dict.fromkeys((url, *(each for each in named if each and same_origin(url, each)))))


def same_origin(one: str, other: str) -> bool:
    """Scheme, host and port are the same."""
    return (origin := _origin(one)) is not None and origin == _origin(other)


def is_same_resource(url: str, headers: Headers) -> bool:
    """Content-Location names the address itself (RFC 9110 section 8.7)."""
    named = headers.get("content-location")
    return named is not None and _resolved(url, named) == url.partition("#")[0]


def _resolved(url: str, reference: str) -> str | None:
    try:
        return urljoin(url, reference).partition("#")[0]
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if parts.hostname else None
