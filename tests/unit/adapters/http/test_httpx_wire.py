import asyncio
import gzip
import os

import httpx
import pytest
import respx

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.judging_wire import JudgingWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import (
    FetchError,
    HostileError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from domain.requests import Request, Trust
from tests.contracts.wire_contract import FOREIGN_URL, SOURCE_URL, WireContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.fakes.recording_backend import RecordingBackend

COUNTERS = FetchCounters()


async def send(request: WireRequest, counters: FetchCounters = COUNTERS) -> WireResponse:
    guard = SsrfGuard()
    client = http_client(
        backend=PinnedBackend(
            resolver=FakeNameResolver({}), guard=guard, backend=RecordingBackend()
        ),
        deadlines=Deadlines(),
        user_agent="pipeline/1",
        concurrency=1,
    )
    async with client:
        wire = HttpxWire(
            keyed=client,
            untrusted=client,
            guard=guard,
            base_url="https://api.test/v1",
            clock=FakeClock(),
            counters=counters,
            deadlines=Deadlines(),
        )
        judging = JudgingWire(wire=wire, throttled_statuses=frozenset({499}))
        return await RedirectingWire(wire=judging, total=30.0).send(request)


def ask(url: str, trust: Trust = Trust.UNTRUSTED, max_bytes: int = 10_000) -> WireResponse:
    request = Request(kind="thing", url=url, trust=trust, max_bytes=max_bytes)
    return asyncio.run(send(WireRequest(request, url)))


class TestHttpxWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        with respx.mock:
            respx.get(request.url).respond(status, content=body, headers=headers)
            return await send(request)


@respx.mock
def test_a_request_says_who_asks_and_what_is_understood() -> None:
    """User-Agent, Accept, the codings that we decode, and the fields of the layers above."""
    route = respx.get(SOURCE_URL).respond(content=b"{}")
    request = WireRequest(
        Request(kind="x", url="", accept="text/csv"), SOURCE_URL, (("If-None-Match", '"1"'),)
    )
    asyncio.run(send(request))
    sent = route.calls.last.request.headers
    assert sent["user-agent"] == "pipeline/1"
    assert sent["accept"] == "text/csv"
    assert sent["accept-encoding"] == "gzip, deflate, zstd"
    assert sent["if-none-match"] == '"1"'


@respx.mock
def test_the_source_s_own_words_for_slower_are_understood() -> None:
    """A status that its policy names is a limit there, and nowhere else."""
    respx.get(SOURCE_URL).respond(499)
    respx.get(FOREIGN_URL).respond(499)
    with pytest.raises(ThrottledError):
        ask(SOURCE_URL, Trust.SOURCE)
    assert ask(FOREIGN_URL).status == 499


@respx.mock
def test_requests_and_bytes_are_counted() -> None:
    """Bytes as sent, before decoding."""
    packed = gzip.compress(b"a" * 1000)
    respx.get(SOURCE_URL).respond(content=packed, headers={"content-encoding": "gzip"})
    counters = FetchCounters()
    answer = asyncio.run(send(WireRequest(Request(kind="x", url=""), SOURCE_URL), counters))
    assert answer.body == b"a" * 1000
    assert (counters.requests, counters.bytes) == (1, len(packed))


@respx.mock
def test_f032_redirects_of_the_untrusted_client_are_followed_and_named() -> None:
    """Also from https to http; the answer's address is the last one."""
    respx.get("https://a.test/").respond(302, headers={"location": "http://b.test/x"})
    respx.get("http://b.test/x").respond(301, headers={"location": "y?z=1"})
    respx.get("http://b.test/y?z=1").respond(content=b"here")
    answer = ask("https://a.test/")
    assert (answer.body, answer.url) == (b"here", "http://b.test/y?z=1")


@respx.mock
def test_f029_a_redirect_loop_ends() -> None:
    """Five redirects are followed, the sixth is not."""
    route = respx.get("https://a.test/").respond(302, headers={"location": "/"})
    with pytest.raises(PermanentError, match="more than 5 redirects"):
        ask("https://a.test/")
    assert route.call_count == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "//[::1]/",
        "http://10.0.0.1/",
        "http://a:b@public.test/",
        "http://public.test:22/",
        "file:///etc/passwd",
        "gopher://a.test/",
        "ftp://a.test/",
        "http://public.test\\@127.0.0.1/",
    ],
)
@respx.mock
def test_f030_f031_a_redirect_to_a_forbidden_place_is_hostile(location: str) -> None:
    """Each hop is judged like the first."""
    route = respx.get("https://a.test/").respond(302, headers={"location": location})
    with pytest.raises(HostileError):
        ask("https://a.test/")
    assert route.call_count == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://", "http://a b/", "data:text/plain,x"])
@respx.mock
def test_f034_a_malformed_location_is_an_error_and_no_crash(location: str) -> None:
    """It will not get better by asking again."""
    respx.get("https://a.test/").respond(302, headers={"location": location})
    with pytest.raises((PermanentError, HostileError)):
        ask("https://a.test/")


@respx.mock
def test_a_redirect_without_a_location_is_an_answer() -> None:
    """There is nowhere to go."""
    respx.get("https://a.test/").respond(302)
    assert ask("https://a.test/").status == 302


@respx.mock
def test_f033_a_redirect_of_the_source_is_refused() -> None:
    """Keys never leave the base URL, not even towards the same host."""
    respx.get(SOURCE_URL).respond(302, headers={"location": "https://elsewhere.test/"})
    with pytest.raises(PermanentError, match=r"redirects to https://elsewhere\.test/"):
        ask(SOURCE_URL, Trust.SOURCE)


@pytest.mark.parametrize(
    "url", ["https://other.test/v1", "http://api.test/v1", "https://api.test:8443/v1"]
)
@respx.mock
def test_a_request_of_the_source_goes_to_its_own_origin_only(url: str) -> None:
    """Scheme, host and port must be the base URL's."""
    with pytest.raises(PermanentError, match="another origin"):
        ask(url, Trust.SOURCE)


@respx.mock
def test_f019_cookies_are_neither_kept_nor_sent() -> None:
    """One upstream cannot mark us for the next request."""
    route = respx.get("https://a.test/").mock(
        side_effect=[
            httpx.Response(302, headers={"location": "/", "set-cookie": "a=1; Path=/"}),
            httpx.Response(200, content=b"{}"),
        ]
    )
    ask("https://a.test/")
    assert [call.request.headers.get("cookie") for call in route.calls] == [None, None]


@respx.mock
def test_f005_a_body_over_its_cap_is_hostile() -> None:
    """The cap of the request holds for decoded bytes."""
    respx.get(FOREIGN_URL).respond(content=b"a" * 10_001)
    with pytest.raises(HostileError, match="larger than 10000 bytes"):
        ask(FOREIGN_URL)


@respx.mock
def test_f007_a_bomb_is_hostile() -> None:
    """A few bytes that become many."""
    bomb = gzip.compress(bytes(100_000))
    respx.get(FOREIGN_URL).respond(content=bomb, headers={"content-encoding": "gzip"})
    with pytest.raises(HostileError, match="larger than"):
        ask(FOREIGN_URL)


@respx.mock
def test_a_body_of_exactly_the_cap_is_read() -> None:
    """The cap itself is allowed, even when its coding makes it larger."""
    body = os.urandom(10_000)
    respx.get(FOREIGN_URL).respond(
        content=gzip.compress(body), headers={"content-encoding": "gzip"}
    )
    assert ask(FOREIGN_URL).body == body


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.LocalProtocolError("x"), RetryableError),
        (httpx.RemoteProtocolError("x"), RetryableError),
        (httpx.ReadError("x"), RetryableError),
        (httpx.ConnectError("x"), RetryableError),
        (httpx.ConnectTimeout("x"), RetryableError),
        (httpx.ReadTimeout("x"), RetryableError),
        (httpx.PoolTimeout("x"), RetryableError),
        (httpx.UnsupportedProtocol("x"), PermanentError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
@respx.mock
def test_f024_the_library_s_errors_become_ours(
    error: Exception, expected: type[FetchError]
) -> None:
    """No error of httpx leaves the wire; its own stays as the cause."""
    respx.get(FOREIGN_URL).mock(side_effect=error)
    with pytest.raises(expected) as caught:
        ask(FOREIGN_URL)
    assert caught.value.__cause__ is error
    assert caught.value.url == FOREIGN_URL


@respx.mock
def test_errors_show_no_secret() -> None:
    """An address in an error carries no password and no key."""
    url = "https://data.test/1.json?api_key=canary-0001&x=1"
    respx.get(url).respond(503)
    with pytest.raises(RetryableError) as caught:
        ask(url)
    assert "canary" not in str(caught.value)
