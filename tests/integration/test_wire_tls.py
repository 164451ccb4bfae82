"""TLS over the pinned backend: names are checked although addresses are connected to."""

import asyncio
import ssl

import httpx
import pytest
import trustme

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest
from domain.errors import PermanentError, RetryableError
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_name_resolver import FakeNameResolver

AUTHORITY = trustme.CA()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client trusts the test's own authority."""
    context = httpx.create_ssl_context(trust_env=False)
    AUTHORITY.configure_trust(context)
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: context)


class TlsServer:
    """Answers every request; remembers the names that it was asked for."""

    def __init__(self, certificate: trustme.LeafCert | None) -> None:
        self.names: list[str | None] = []
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._context)
            self._context.sni_callback = self._remember

    def _remember(
        self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext
    ) -> None:
        self.names.append(name)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._context is not None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
        writer.close()

    def ask(self) -> int:
        return asyncio.run(self._ask())

    async def _ask(self) -> int:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self._context)
        port = server.sockets[0].getsockname()[1]
        url = f"https://good.test:{port}/"
        guard = SsrfGuard(["127.0.0.0/8"])
        resolver = FakeNameResolver({"good.test": [["127.0.0.1"]]})
        client = http_client(
            backend=PinnedBackend(resolver=resolver, guard=guard),
            deadlines=Deadlines(total=5.0),
            user_agent="test",
            concurrency=1,
        )
        async with server, client:
            wire = HttpxWire(
                keyed=client,
                untrusted=client,
                guard=guard,
                base_url="https://api.test",
                clock=FakeClock(),
                counters=FetchCounters(),
                deadlines=Deadlines(total=5.0),
            )
            request = Request(kind="x", url=url, trust=Trust.UNTRUSTED)
            return (await wire.send(WireRequest(request, url))).status


def test_the_certificate_is_checked_by_name_and_the_name_is_sent(trusted: None) -> None:
    """The connection goes to an address, TLS speaks of the host."""
    server = TlsServer(AUTHORITY.issue_cert("good.test"))
    assert server.ask() == 200
    assert server.names == ["good.test"]


def test_f020_a_certificate_for_another_name_is_refused_for_good(trusted: None) -> None:
    """Also when it names the very address."""
    with pytest.raises(PermanentError, match="TLS"):
        TlsServer(AUTHORITY.issue_cert("other.test", "127.0.0.1")).ask()


def test_f020_an_unknown_authority_is_refused_for_good() -> None:
    """Verification is never off."""
    with pytest.raises(PermanentError, match="TLS"):
        TlsServer(AUTHORITY.issue_cert("good.test")).ask()


def test_f020_a_handshake_that_is_cut_may_be_tried_again() -> None:
    """The next connection may be luckier."""
    with pytest.raises(RetryableError):
        TlsServer(None).ask()
