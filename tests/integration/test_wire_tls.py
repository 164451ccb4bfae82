"""TLS over the pinned backend: names are checked although addresses are connected to."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.transport.tls_contexts import TlsContexts
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import PermanentError, RetryableError
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.support.authority import AUTHORITY

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
NO_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\na,b\n1,2\n"
DEADLINES = Deadlines(total=5.0, connect=0.5)


def presenting(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class TlsServer:
    """Answers every request; remembers the names that it was asked for.

    Without a context it says its answer at once and closes; `mute`, it says nothing and stays.
    With `notify` false it leaves without TLS's goodbye.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop],
        *,
        answer: bytes = ANSWER,
        notify: bool = True,
        mute: bool = False,
    ) -> None:
        self.names: list[str | None] = []
        self.connections = 0
        self._context = context
        self._loop_factory = loop_factory
        self._answer = answer
        self._notify = notify
        self._mute = mute
        if context is not None:
            context.sni_callback = self._remember

    def _remember(
        self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext
    ) -> None:
        self.names.append(name)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self._mute:
                await reader.read()
            elif self._context is None:
                writer.write(self._answer)
                await writer.drain()
            while self._context is not None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer)
                await writer.drain()
                if self._answer is NO_LENGTH:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        if self._notify:
            writer.close()
        else:
            writer.transport.abort()

    def ask(self, times: int = 1, host: str = "good.test") -> WireResponse:
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            return runner.run(self._ask(times, host))

    async def _ask(self, times: int, host: str) -> WireResponse:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self._context)
        port = server.sockets[0].getsockname()[1]
        url = f"https://{host}:{port}/"
        guard = SsrfGuard(["127.0.0.0/8"])
        resolver = FakeNameResolver({"good.test": [["127.0.0.1"]]})
        client = http_client(
            backend=PinnedBackend(resolver=resolver, guard=guard),
            deadlines=DEADLINES,
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
                deadlines=DEADLINES,
            )
            request = Request(kind="x", url=url, trust=Trust.UNTRUSTED)
            for _ in range(times):
                answer = await wire.send(WireRequest(request, url))
            return answer


type Loops = Callable[[], asyncio.AbstractEventLoop]


@pytest.mark.parametrize("host", ["good.test", "GOOD.test", "good.test."])
def test_the_certificate_is_checked_by_name_and_the_name_is_sent(
    host: str, trusted: None, loop_factory: Loops
) -> None:
    """The connection goes to an address, TLS speaks of the host; one handshake serves many."""
    server = TlsServer(presenting(AUTHORITY.issue_cert("good.test")), loop_factory)
    assert server.ask(times=3, host=host).status == 200
    assert server.names == ["good.test"]
    assert server.connections == 1


def test_f020_a_certificate_for_another_name_is_refused_for_good(
    trusted: None, loop_factory: Loops
) -> None:
    """Also when it names the very address."""
    with pytest.raises(PermanentError, match="TLS"):
        TlsServer(presenting(AUTHORITY.issue_cert("other.test", "127.0.0.1")), loop_factory).ask()


def test_f020_an_unknown_authority_is_refused_for_good(loop_factory: Loops) -> None:
    """Verification is never off."""
    with pytest.raises(PermanentError, match="TLS"):
        TlsServer(presenting(AUTHORITY.issue_cert("good.test")), loop_factory).ask()


def test_f020_an_expired_certificate_is_refused_for_good(
    trusted: None, loop_factory: Loops
) -> None:
    """By its own date."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    expired = AUTHORITY.issue_cert("good.test", not_before=past, not_after=past + timedelta(days=1))
    with pytest.raises(PermanentError, match="TLS: certificate has expired"):
        TlsServer(presenting(expired), loop_factory).ask()


def test_f020_a_self_signed_certificate_is_refused_for_good(
    trusted: None, loop_factory: Loops
) -> None:
    """Nobody vouches for it."""
    own = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with own.cert_pem.tempfile() as certificate, own.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    with pytest.raises(PermanentError, match=r"TLS: .*self.signed"):
        TlsServer(context, loop_factory).ask()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", id="tls_1_0"),  # alert: protocol_version
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="no_tls"),
    ],
)
def test_f020_a_server_without_a_version_of_tls_in_common_is_refused_for_good(
    words: bytes, trusted: None, loop_factory: Loops
) -> None:
    """TLS 1.0 and 1.1 are not spoken any more (RFC 8996)."""
    with pytest.raises(PermanentError, match="TLS"):
        TlsServer(None, loop_factory, answer=words).ask()


def test_f020_tls_1_0_and_1_1_are_not_offered() -> None:
    """Whatever OpenSSL itself would allow."""
    for context in (TlsContexts().http1, TlsContexts().http2):
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


def test_f020_a_handshake_that_is_cut_may_be_tried_again(loop_factory: Loops) -> None:
    """The next connection may be luckier."""
    with pytest.raises(RetryableError, match="no connection"):
        TlsServer(None, loop_factory, answer=b"").ask()


def test_f020_a_handshake_that_does_not_end_may_be_tried_again(loop_factory: Loops) -> None:
    """The connect timeout holds for TLS, too."""
    with pytest.raises(RetryableError, match="no connection in time"):
        TlsServer(None, loop_factory, mute=True).ask()


def test_f013_over_tls_a_body_without_length_ends_with_a_goodbye(
    trusted: None, loop_factory: Loops
) -> None:
    """`close_notify` proves that nobody between cut it (RFC 8446 section 6.1)."""
    context = presenting(AUTHORITY.issue_cert("good.test"))
    server = TlsServer(context, loop_factory, answer=NO_LENGTH)
    assert server.ask().body == b"a,b\n1,2\n"


def test_f013_over_tls_a_body_that_ends_without_goodbye_is_cut(
    trusted: None, loop_factory: Loops
) -> None:
    """Anybody on the way can close a connection."""
    context = presenting(AUTHORITY.issue_cert("good.test"))
    server = TlsServer(context, loop_factory, answer=NO_LENGTH, notify=False)
    with pytest.raises(RetryableError, match="not whole"):
        server.ask()
