"""Builds the httpx clients."""

from typing import Any

import httpx

from adapters.http.body_decoders import ACCEPT_ENCODING
from adapters.http.deadlines import Deadlines
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.transport.engine_transport import EngineTransport

_UNMOCKED = httpx.AsyncClient._transport_for_url  # noqa: SLF001 - where respx steps in


class _NoCookies(httpx.Cookies):
    """Keeps nothing and sends nothing."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Pass the answer's cookies over."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Add nothing."""


class LeanClient(httpx.AsyncClient):
    """Leaves out what costs httpx as much as the exchange, and what no fetch here wants.

    No cookies: httpx searches even an answer without any. A streamed answer goes straight from
    the transport to the caller: no log line of its own, which would show addresses with their
    secrets, no authentication flow, no redirects. Event hooks bring all of it back.
    """

    _jar = _NoCookies()

    @property
    def cookies(self) -> httpx.Cookies:
        """None, ever."""
        return self._jar

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        """Pass them over."""

    @property
    def engine(self) -> EngineTransport | None:
        """What may be asked without `send`, since nothing would come between; None: nothing may."""
        transport, hooks = self._transport, self._event_hooks
        if (
            not isinstance(transport, EngineTransport)
            or transport.is_mocked
            or type(self)._transport_for_url is not _UNMOCKED  # noqa: SLF001 - our own class
            or self._mounts
            or hooks["request"]
            or hooks["response"]
            or self.is_closed
        ):
            return None
        return transport

    async def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """The answer, as `httpx.AsyncClient.send` gives it."""
        hooks = self.event_hooks
        if not stream or options or hooks["request"] or hooks["response"] or self.is_closed:
            return await super().send(request, stream=stream, **options)
        transport = self._transport_for_url(request.url)  # where respx steps in
        response = await transport.handle_async_request(request)
        response.request = request
        return response


def http_client(
    *, backend: PinnedBackend, deadlines: Deadlines, user_agent: str, concurrency: int
) -> httpx.AsyncClient:
    """A client that takes nothing from the environment, follows nothing and remembers nothing.

    HTTP/2 is spoken where TLS negotiates it.

    Args:
        backend: makes the connections.
        deadlines: of each exchange.
        user_agent: the User-Agent field.
        concurrency: most connections to one origin.
    """
    return LeanClient(
        transport=EngineTransport(backend=backend, concurrency=concurrency),
        trust_env=False,
        follow_redirects=False,
        timeout=deadlines.timeout(),
        headers={"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING},
    )
