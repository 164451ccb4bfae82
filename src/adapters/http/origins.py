"""Origins: scheme, host and port (RFC 6454)."""

from urllib.parse import urlsplit

from adapters.http.urls import scrubbed_url
from domain.errors import PermanentError

type Origin = tuple[str, str, int]

_PORTS = {"http": 80, "https": 443}
_SHOWN = 300


def origin_of(url: str) -> Origin:
    """The origin of an absolute http or https address.

    Raises:
        PermanentError: it has none.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        port = _PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError as exc:
        message = "not an address"
        raise PermanentError(message, url=shown(url)) from exc
    if not host or port is None:
        message = "not an http or https address"
        raise PermanentError(message, url=shown(url))
    return parts.scheme, host, port


def shown(url: str) -> str:
    """An address as errors and logs show it: one line of ASCII, cut, without secrets."""
    clean = scrubbed_url(url[: 2 * _SHOWN])
    if not (clean.isascii() and clean.isprintable()):
        clean = clean.encode("unicode_escape").decode("ascii")
    return clean if len(clean) <= _SHOWN else clean[:_SHOWN] + "…"
