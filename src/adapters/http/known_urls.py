"""Addresses parsed once an origin, not once a request."""

import re
from collections.abc import Callable
from typing import NamedTuple

import httpx

_PLAIN = re.compile(
    r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)"  # the origin as it is usually written
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)"
    r"(?:\?([A-Za-z0-9._~!$&()*+,;=:@/?-]*))?"
)
_LONGEST = 1024  # of any length that could be refused, `parse` is the judge
_MOST = 1024
_of = tuple.__new__


class PlainUrl(NamedTuple):
    """An address that needs no rewriting.

    Attributes:
        root: of its origin, parsed.
        origin: as it is written.
        target: path and query, as they are sent.
    """

    root: httpx.URL
    origin: str
    target: str


class KnownUrls:
    """Parses addresses; of those that need no rewriting only the first of an origin.

    httpx takes 30 µs to parse an address, most of it for parts that are the same for every
    document of a host. An address with anything unusual about it (escapes, dot segments,
    capitals in the host, credentials) is parsed whole.

    Args:
        parse: judges and parses a whole address; what it says of an origin must hold for every
            plain path of it.
    """

    def __init__(self, parse: Callable[[str], httpx.URL]) -> None:
        self._parse = parse
        self._origins: dict[str, httpx.URL] = {}

    def url(self, text: str) -> httpx.URL:
        """The address; raises what `parse` raises."""
        match = _matched(text)
        if match is None:
            return self._parse(text)
        origin, path, query = match.groups()
        return _with_path(self._origin(origin), path, query)

    def plain(self, text: str) -> PlainUrl | None:
        """The parts of an address that needs no rewriting; raises what `parse` raises."""
        match = _matched(text)
        if match is None:
            return None
        origin = match[1]
        root = self._origins.get(origin) or self._origin(origin)
        return _of(PlainUrl, (root, origin, text[len(origin) :]))

    def _origin(self, origin: str) -> httpx.URL:
        known = self._origins.get(origin)
        if known is None:
            if len(self._origins) >= _MOST:
                self._origins.clear()
            known = self._origins[origin] = self._parse(origin + "/")
        return known


def _matched(text: str) -> re.Match[str] | None:
    return None if "/." in text or len(text) > _LONGEST else _PLAIN.fullmatch(text)


def _with_path(known: httpx.URL, path: str, query: str | None) -> httpx.URL:
    """The same origin with another path, which `httpx.URL` can only do by parsing anew."""
    url = httpx.URL.__new__(httpx.URL)
    url._uri_reference = known._uri_reference._replace(path=path, query=query)  # noqa: SLF001 - see above
    return url


_PROBE = _with_path(httpx.URL("http://a.test:81/"), "/b", "c=d")
if httpx.URL("http://a.test:81/b?c=d") != _PROBE or _PROBE.raw_path != b"/b?c=d":
    _MESSAGE = "httpx.URL keeps its parts elsewhere now; see adapters.http.known_urls"
    raise ImportError(_MESSAGE)
