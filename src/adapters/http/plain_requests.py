"""Requests that our engine takes without httpx's objects around them."""

from typing import Any, NamedTuple

import httpx

from adapters.http.http_client import LeanClient
from adapters.http.known_urls import KnownUrls, PlainUrl
from adapters.http.prepared_requests import PreparedRequests
from adapters.http.transport.connection import RequestHead
from adapters.http.transport.engine_transport import EngineTransport
from adapters.http.transport.route import Route
from adapters.http.wire import WireRequest

_MOST = 1024
_of = tuple.__new__


class PlainRequest(NamedTuple):
    """What the engine needs of one request, and its address as httpx would write it."""

    engine: EngineTransport
    route: Route
    head: RequestHead
    url: str


class _Way(NamedTuple):
    """What the plain requests to one origin with one `Accept` have in common."""

    route: Route
    scheme: bytes
    origin: str


class PlainRequests:
    """Finds those requests of a client that are plain: a GET whose fields are its origin's.

    They are most of what a run sends, and are sent just as those that `PreparedRequests` builds.

    Args:
        client: sends them; only our own can do without `send`.
        urls: judges addresses and takes them apart.
        requests: knows the fields.

    Attributes:
        timeouts: of the client.
    """

    def __init__(
        self, client: httpx.AsyncClient, urls: KnownUrls, requests: PreparedRequests
    ) -> None:
        self._client = client if isinstance(client, LeanClient) else None
        self._urls = urls
        self._requests = requests
        self._ways: dict[tuple[str, str], _Way] = {}
        self.timeouts: dict[str, Any] = client.timeout.as_dict()

    def plain(self, request: WireRequest) -> PlainRequest | None:
        """The request, if it is plain; raises what `KnownUrls.plain` raises."""
        asked = request.request
        if asked.method != "GET" or asked.headers or request.headers or asked.content:
            return None
        engine = None if self._client is None else self._client.engine
        url = None if engine is None else self._urls.plain(request.url)
        if engine is None or url is None:
            return None
        way = self._ways.get((url.origin, asked.accept)) or self._learn(url, asked.accept)
        route, scheme, origin = way
        if not route.ours:
            return None
        target = url.target
        parts = (b"GET", scheme, route.authority, target.encode("ascii"), route.fields, b"")
        return _of(PlainRequest, (engine, route, _of(RequestHead, parts), origin + target))

    def _learn(self, url: PlainUrl, accept: str) -> _Way:
        if len(self._ways) >= _MOST:
            self._ways.clear()
        root = url.root
        way = _Way(self._requests.route(root, accept), root.raw_scheme, str(root).rstrip("/"))
        self._ways[url.origin, accept] = way
        return way
