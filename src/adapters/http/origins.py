"""Origins: scheme, host and port (RFC 6454)."""

from functools import lru_cache
from urllib.parse import urlsplit

from domain.errors import PermanentError
from domain.scrubbing import scrubbed_url

type Origin = tuple[str, str, int]

_PORTS = {"http": 80, "https": 443}
_SHOWN = 300


def origin_of(url: str) -> Origin:
    """The origin of an absolute http or https address.

    Raises:
        PermanentError: it has none.
    """
    end = url.find("/", url.find("//") + 2)  # what comes later is not about the origin
    try:
        origin = _parsed(url if end < 0 else url[:end])
    except ValueError as exc:
        message = "not an address"
        raise PermanentError(message, url=shown(url)) from exc
    if origin is None:
        message = "not an http or https address"
        raise PermanentError(message, url=shown(url))
    return origin


@lru_cache(maxsize=4096)
def _parsed(beginning: str) -> Origin | None:
    parts = urlsplit(beginning)
    port = _PORTS.get(parts.scheme) if parts.port is None else parts.port
    return (parts.scheme, parts.hostname, port) if parts.hostname and port is not None else None


def shown(url: str) -> str:
    """An address as errors and logs show it: one line of ASCII, cut, without secrets."""
    clean = scrubbed_url(url[: 2 * _SHOWN])
    if not (clean.isascii() and clean.isprintable()):
        clean = clean.encode("unicode_escape").decode("ascii")
    return clean if len(clean) <= _SHOWN else clean[:_SHOWN] + "…"
