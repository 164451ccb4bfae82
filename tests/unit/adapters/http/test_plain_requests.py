import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.known_urls import KnownUrls
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.plain_requests import PlainRequests
from adapters.http.prepared_requests import PreparedRequests
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import FetchError
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.support.scripted_server import Answer, scripted_server

_CHARACTERS = "abzAZ019/?#%.-_~!$&'()*+,;=:@ \"<>[]\\^`{|}é\n2f"
_LONG = b"x" * 70_000
_PACKED = gzip.compress(b'{"a": 1}')


def _answer(status: str, body: bytes, *fields: bytes) -> bytes:
    length = b"Content-Length: %d" % len(body)
    head = b"\r\n".join((b"HTTP/1.1 " + status.encode(), length, *fields))
    return head + b"\r\n\r\n" + body


ANSWERS: dict[str, bytes | None] = {
    "whole": _answer("200 OK", b"{}", b'ETag: "1"', b"X-A: 1", b"x-a:  2 ", b"Set-Cookie: c"),
    "latin-1": _answer("200 OK", b"{}", b"X-Name: \xe9t\xe9"),
    "empty": _answer("200 OK", b""),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "at its cap": _answer("200 OK", b"x" * 1000),
    "over its cap": _answer("200 OK", b"x" * 1001),
    "far over its cap": _answer("200 OK", _LONG),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "compressed": _answer("200 OK", _PACKED, b"Content-Encoding: gzip"),
    "cut while compressed": _answer("200 OK", _PACKED[:-4], b"Content-Encoding: gzip"),
    "two codings": _answer("200 OK", _PACKED, b"Content-Encoding: gzip, gzip"),
    "not found": _answer("404 Not Found", b'{"error": "gone"}'),
    "throttled": _answer("429 Too Many Requests", b"slower", b"Retry-After: 3"),
    "failing at length": _answer("503 Service Unavailable", _LONG),
    "redirect": _answer("302 Found", b"elsewhere", b"Location: /other"),
    "redirect to nowhere": _answer("302 Found", b"elsewhere"),
    "until it closes": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}",
    "cut before it closes": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
    "no answer": None,
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + _answer("200 OK", b"{}"),
}


@dataclass
class Exchanged:
    """What became of one request, in words that can be compared."""

    outcome: object
    sent: Sequence[bytes]
    counted: tuple[int, int]


async def _noted(request: httpx.Request) -> None:
    """Stands between httpx and its transport."""


def _exchanged(answer: Answer, *, plainly: bool, path: str = "/x?y=1") -> Exchanged:
    async def exchange() -> Exchanged:
        # What follows an answer that does not end its connection is that it ends.
        async with scripted_server([answer, None]) as server:
            guard = SsrfGuard(("127.0.0.1",))
            counters = FetchCounters()
            client = http_client(
                backend=PinnedBackend(resolver=FakeNameResolver({}), guard=guard),
                deadlines=Deadlines(read=0.3),
                user_agent="pipeline/1",
                concurrency=1,
            )
            if not plainly:
                client.event_hooks = {"request": [_noted]}
            wire = HttpxWire(
                keyed=client,
                untrusted=client,
                guard=guard,
                base_url="https://api.test",
                clock=FakeClock(),
                counters=counters,
                deadlines=Deadlines(),
            )
            url = server.url + path
            asked = Request(kind="x", url=url, trust=Trust.UNTRUSTED, max_bytes=1000)
            port = url.split(":")[2].partition("/")[0]
            outcome: WireResponse | tuple[type, str]
            async with client:
                try:
                    outcome = await wire.send(WireRequest(asked, url))
                except FetchError as error:
                    outcome = type(error), str(error).replace(port, "port")
            shown: object = outcome
            if isinstance(outcome, WireResponse):
                shown = (
                    outcome.status,
                    list(outcome.headers),
                    outcome.body,
                    outcome.url.replace(port, "port"),
                )
            sent = [head.replace(port.encode(), b"port") for head in server.heads]
            return Exchanged(shown, sent, (counters.requests, counters.bytes))

    return asyncio.run(exchange())


@pytest.mark.parametrize("name", ANSWERS)
def test_a_plain_request_ends_as_any_other(name: str) -> None:
    """The same bytes are sent; answer, error and counts are the same."""
    answer = ANSWERS[name]
    assert _exchanged(answer, plainly=True) == _exchanged(answer, plainly=False)


@pytest.mark.parametrize("path", ["/", "/?", "/a;b=c@d:e?f=g/h?i", "/a//b", "/a%20b", "/a/../b#c"])
def test_an_address_is_asked_for_as_httpx_writes_it(path: str) -> None:
    """Those that need rewriting too, which are not plain."""
    plain, any_other = (
        _exchanged(ANSWERS["whole"], plainly=plainly, path=path) for plainly in (True, False)
    )
    assert plain == any_other


def _plain_requests() -> PlainRequests:
    client = http_client(
        backend=PinnedBackend(resolver=FakeNameResolver({}), guard=None),
        deadlines=Deadlines(),
        user_agent="pipeline/1",
        concurrency=1,
    )
    return PlainRequests(client, KnownUrls(httpx.URL), PreparedRequests(client))


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["http://a.test", "http://a.test:80", "https://a.test:81", "http://A.test"]),
    st.text(_CHARACTERS, max_size=12),
)
def test_the_address_of_a_plain_request_is_that_of_httpx(origin: str, tail: str) -> None:
    """Origin, authority, target and text, whatever is in it."""
    text = f"{origin}/{tail}"
    plain = _PLAIN.plain(WireRequest(Request(kind="x", url=""), text))
    if plain is not None:
        url = httpx.URL(text)
        assert plain.url == str(url)
        assert plain.head.target == url.raw_path
        assert plain.head.authority == url.netloc
        assert plain.route.origin[1:] == (url.host, url.port or (81, 80)[url.scheme == "http"])


_PLAIN = _plain_requests()


@pytest.mark.parametrize(
    "request_",
    [
        WireRequest(Request(kind="x", url="", method="HEAD"), "http://a.test/"),
        WireRequest(Request(kind="x", url="", content=b"{}"), "http://a.test/"),
        WireRequest(Request(kind="x", url="", headers=(("range", "bytes=0-1"),)), "http://a.test/"),
        WireRequest(Request(kind="x", url=""), "http://a.test/", (("if-none-match", '"1"'),)),
        WireRequest(Request(kind="x", url=""), "http://a.test/%2e"),
    ],
)
def test_what_has_anything_of_its_own_is_not_plain(request_: WireRequest) -> None:
    """Other methods, contents, fields, and addresses to be rewritten."""
    assert _PLAIN.plain(request_) is None


def test_nothing_is_plain_while_respx_stands_in() -> None:
    """For httpcore or for httpx."""
    request = WireRequest(Request(kind="x", url=""), "http://a.test/")
    assert _PLAIN.plain(request) is not None
    for using in ("httpcore", "httpx"):
        with respx.mock(using=using):
            assert _PLAIN.plain(request) is None


def test_the_judgement_of_an_origin_holds_for_plain_requests() -> None:
    """What the guard refuses is refused each time."""
    client = httpx.AsyncClient()
    urls = KnownUrls(SsrfGuard().check_url)
    lean = http_client(
        backend=PinnedBackend(resolver=FakeNameResolver({}), guard=None),
        deadlines=Deadlines(),
        user_agent="pipeline/1",
        concurrency=1,
    )
    request = WireRequest(Request(kind="x", url=""), "http://127.0.0.1/x")
    assert PlainRequests(client, urls, PreparedRequests(client)).plain(request) is None
    requests = PlainRequests(lean, urls, PreparedRequests(lean))
    for _ in range(2):
        with pytest.raises(FetchError, match="not public"):
            requests.plain(request)
