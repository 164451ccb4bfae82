"""Addresses from data and where they lead, through all layers; keys stay at home."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import structlog

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from adapters.sources.nft.metadata import ask, given_up, read
from application.ports.fetcher import BatchFetcher
from application.ports.fetchers import FetchOptions
from domain.errors import FetchError, HostileError, PermanentError
from domain.requests import Request, Response, Trust
from domain.sources import Page
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE
from tests.support.http_stack import http_stack
from tests.support.scripted_server import ScriptedServer, scripted_server

CANARY = "key-1"
JSON = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\n\r\n{}"


def _redirect(location: str, status: int = 302) -> bytes:
    return (
        f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


@dataclass
class Ways:
    """A source, and a stranger that its data leads to."""

    fetcher: BatchFetcher
    source: ScriptedServer
    stranger: ScriptedServer
    cache: FakeResponseCache

    async def untrusted(self, url: str) -> Response | FetchError:
        request = Request(kind="x", url=url, trust=Trust.UNTRUSTED)
        try:
            return await self.fetcher.fetch(request)
        except FetchError as error:
            return error


@asynccontextmanager
async def ways(strangers: Sequence[bytes], own: Sequence[bytes] = ()) -> AsyncGenerator[Ways]:
    clock = FakeClock()
    cache = FakeResponseCache(clock)
    async with scripted_server(own) as source, scripted_server(strangers) as stranger:
        fetchers = HttpFetchers(
            credentials=FakeCredentials(),
            cache=cache,
            clock=clock,
            settings=HttpSettings(
                concurrency=4,
                allow_private=(stranger.url.removeprefix("http://"),),
                base_urls={"sample": source.url},
                user_agent="pipeline/1",
            ),
        )
        async with fetchers.open(SAMPLE, FetchOptions()) as fetcher:
            yield Ways(fetcher, source, stranger, cache)


INNER = [
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:9/",
    "http://127.1/",
    "http://[::1]/",
    "http://10.0.0.5/",
    "http://100.64.0.1/",
    "http://[fd00:ec2::254]/",
    "http://168.63.129.16/",
    "http://100.100.100.200/",
    "http://user:pw@public.test/",
    "http://public.test:22/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://public.test/",
    "data:,x",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_f030_f031_f038_a_redirect_inwards_is_refused_and_nothing_more_is_asked(
    status: int,
) -> None:
    """Whatever its status; also at the end of a chain."""

    async def use() -> None:
        for inner in INNER:
            async with ways([_redirect("/again", status), _redirect(inner, status)]) as way:
                outcome = await way.untrusted(f"{way.stranger.url}/a")
                assert isinstance(outcome, HostileError | PermanentError), inner
                assert len(way.stranger.heads) == 2

    asyncio.run(use())


def test_f029_a_loop_ends_after_five_redirects() -> None:
    """Six requests, then a permanent error."""

    async def use() -> int:
        async with ways([_redirect("/loop")] * 20) as way:
            outcome = await way.untrusted(f"{way.stranger.url}/loop")
            assert isinstance(outcome, PermanentError)
            return len(way.stranger.heads)

    assert asyncio.run(use()) == 6


@pytest.mark.parametrize("location", ["http://[::1", "http://a:b:c/", "http://%"])
def test_f034_a_malformed_location_is_an_error_of_this_request_alone(location: str) -> None:
    """No crash, and no second request."""

    async def use() -> None:
        async with ways([_redirect(location), JSON]) as way:
            outcome = await way.untrusted(f"{way.stranger.url}/bad")
            assert isinstance(outcome, FetchError)
            assert len(way.stranger.heads) == 1
            assert isinstance(await way.untrusted(f"{way.stranger.url}/good"), Response)

    asyncio.run(use())


def test_f032_f033_a_key_leaves_its_origin_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Not to a stranger, nor behind a redirect, nor into logs, errors or the cache."""
    caplog.set_level(logging.DEBUG)

    async def use() -> tuple[Ways, list[object]]:
        async with ways([_redirect("/b"), JSON, JSON], [JSON, _redirect("/elsewhere")]) as way:
            outcomes: list[object] = [
                await way.fetcher.fetch(Request(kind="x", url="/own")),
                await way.untrusted(f"{way.stranger.url}/a"),
                await way.untrusted(f"{way.stranger.url}/c"),
            ]
            with pytest.raises(FetchError) as caught:
                await way.fetcher.fetch(Request(kind="x", url="/moved"))
            outcomes.append(str(caught.value) + repr(caught.value))
            return way, outcomes

    with structlog.testing.capture_logs() as logs:
        way, outcomes = asyncio.run(use())
    assert all(CANARY.encode() in head for head in way.source.heads)
    assert len(way.stranger.heads) == 3
    assert not any(CANARY.encode() in head for head in way.stranger.heads)
    told = [repr(logs), caplog.text, repr(outcomes), repr(vars(way.cache))]
    assert [text for text in told if CANARY in text] == []


def test_f039_untrusted_requests_carry_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookies, no credentials from a netrc file, no proxy of the environment."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    cookie = JSON.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")

    async def use() -> list[bytes]:
        async with ways([cookie, JSON]) as way:
            for path in ("/a", "/b"):
                assert isinstance(await way.untrusted(way.stranger.url + path), Response)
            return way.stranger.heads

    names = {
        line.partition(b":")[0].lower()
        for head in asyncio.run(use())
        for line in head.split(b"\r\n")[1:]
        if line
    }
    assert names <= {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}


LISTED = ["slug", "0xaa", "base", "7", *[None] * 9]
DOCUMENT = b'{"name": "Seven"}'
CID = "bafkreicasypsm5yjvvqeoihu2re6qpkjv5z4zt5udztoi6tyeg4gllnwla"


def _answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _walked(path: str, failing: bytes) -> Page:
    """What becomes of an NFT whose first gateway fails and whose second one delivers."""
    async with (
        scripted_server([failing] * 9) as first,
        scripted_server([_answer(DOCUMENT)]) as second,
        http_stack(first.url) as stack,
    ):
        page = ask(LISTED, f"ipfs://{path}", "7", [first.url, second.url])
        while page.requests:
            [request] = page.requests
            try:
                page = read(request, await stack.fetcher.fetch(request))
            except FetchError as error:
                page = given_up(request, error)
        assert len(second.heads) == 1
        return page


@pytest.mark.parametrize(
    "failing",
    [
        _answer(b"slow down", "429 Too Many Requests"),
        _answer(b"", "404 Not Found"),
        _answer(b"", "503 Service Unavailable"),
        _answer(b"<html>Just a moment...</html>"),
        _answer(b""),
    ],
    ids=["429", "404", "503", "html", "empty"],
)
def test_f043_the_next_gateway_is_asked_when_one_fails(failing: bytes) -> None:
    """The NFT is complete, with the second gateway's document."""
    page = asyncio.run(_walked("QmYwAPJzv5CZsnA625s1Xf2nemtYgPpHdWEz79ojWKPbdG/7", failing))

    assert page.records["nfts"][0][3:5] == ("7", "Seven")
    assert page.failures == ()


def test_f042_a_gateway_that_delivers_other_bytes_is_passed_over() -> None:
    """The document is the one that its CID names."""
    page = asyncio.run(_walked(CID, _answer(b'{"name": "Forged"}')))

    assert page.records["nfts"][0][3:5] == ("7", "Seven")
