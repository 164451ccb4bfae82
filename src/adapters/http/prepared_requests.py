"""Builds httpx's requests without doing the same work for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.http.transport.route import Route
from domain.requests import Request

type Fields = Sequence[tuple[str, str]]

_MOST = 1024
_EMPTY = httpx.ByteStream(b"")
_BODILESS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class _Common:
    """What the requests to one origin with one `Accept` have in common."""

    headers: httpx.Headers
    extensions: dict[str, Any]


class PreparedRequests:
    """Requests of one client; those of one origin and one `Accept` share their fields.

    `httpx.AsyncClient.build_request` merges the client's fields, cookies and parameters anew for
    each request, at several times the cost of sending it.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._extensions = {"timeout": client.timeout.as_dict()}
        self._common: dict[tuple[str, bytes, str], _Common] = {}

    def build(self, url: httpx.URL, asked: Request, further: Fields) -> httpx.Request:
        """The request to send.

        Args:
            url: where it goes.
            asked: method, content, `Accept` and the caller's own fields.
            further: fields of the layers above; they win.
        """
        method = asked.method
        if asked.content or method not in _BODILESS:
            fields = [("Accept", asked.accept), *asked.headers, *further]
            return self._client.build_request(
                method, url, headers=fields, content=asked.content or None
            )
        common = self._shared(url, asked.accept)
        if not asked.headers and not further:
            return httpx.Request(
                method, url, headers=common.headers, stream=_EMPTY, extensions=common.extensions
            )
        headers = httpx.Headers(common.headers)
        headers.update([*asked.headers, *further])
        return httpx.Request(
            method, url, headers=headers, stream=_EMPTY, extensions=self._extensions
        )

    def route(self, url: httpx.URL, accept: str) -> Route:
        """The way of a GET without fields of its own."""
        route: Route = self._shared(url, accept).extensions["route"]
        return route

    def _shared(self, url: httpx.URL, accept: str) -> _Common:
        return self._common.get((url.scheme, url.netloc, accept)) or self._learn(url, accept)

    def _learn(self, url: httpx.URL, accept: str) -> _Common:
        if len(self._common) >= _MOST:
            self._common.clear()
        headers = self._client.build_request("GET", url, headers={"Accept": accept}).headers
        common = _Common(headers, {**self._extensions, "route": Route.of(url, headers).shared()})
        self._common[url.scheme, url.netloc, accept] = common
        return common
