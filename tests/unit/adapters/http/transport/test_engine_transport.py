import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import httpx
import pytest
import respx
import uvloop

from adapters.http.deadlines import Deadlines
from adapters.http.http_client import http_client
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.transport import http1_connection
from domain.errors import HostileError
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.fakes.recording_backend import RecordingBackend
from tests.support.scripted_server import Answer, ScriptedServer, scripted_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\n{}"
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


def client_over(network: RecordingBackend | None = None) -> httpx.AsyncClient:
    resolver = FakeNameResolver({"a.test": [["127.0.0.1"]] * 99})
    return http_client(
        backend=PinnedBackend(resolver=resolver, guard=None, backend=network),
        deadlines=Deadlines(),
        user_agent="pipeline/1",
        concurrency=4,
    )


def serving[T](
    answers: Sequence[Answer],
    use: Callable[[httpx.AsyncClient, ScriptedServer], Awaitable[T]],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
) -> T:
    async def run() -> T:
        async with scripted_server(answers) as server, client_over() as client:
            return await use(client, server)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run())


@pytest.mark.parametrize("loop_factory", LOOPS)
def test_an_exchange_over_the_engine(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Under asyncio's loop and uvloop's: what was asked, what was answered, one connection."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> None:
        for _ in range(3):
            answer = await client.get(f"{server.url}/x?y=1", headers={"If-None-Match": '"1"'})
            assert (answer.status_code, answer.json()) == (200, {})
            assert answer.headers["set-cookie"] == "a=b"
            assert answer.http_version == "HTTP/1.1"
        assert server.connections == 1
        assert server.heads[-1].startswith(b"GET /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"\r\nUser-Agent: pipeline/1\r\n" in server.heads[-1]
        assert b'\r\nIf-None-Match: "1"\r\n' in server.heads[-1]
        assert b"ookie" not in server.heads[-1]

    serving([OK, OK, OK], use, loop_factory)


@pytest.mark.parametrize("loop_factory", LOOPS)
def test_many_at_once_share_few_connections(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """No more than the bound, and each gets its own answer."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        urls = [f"{server.url}/{number}" for number in range(100)]
        answers = await asyncio.gather(*(client.get(url) for url in urls))
        assert [str(answer.request.url) for answer in answers] == urls
        return server.connections

    assert serving([OK] * 100, use, loop_factory) <= 4


def test_a_body_is_sent() -> None:
    """With its length."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> None:
        await client.post(f"{server.url}/q", content=b'{"a": 1}')
        assert b"\r\nContent-Length: 8\r\n" in server.heads[0]
        assert server.bodies[0] == b'{"a": 1}'

    serving([OK], use)


def test_a_streamed_body_goes_by_httpx_itself() -> None:
    """Its length is not known, so it is chunked."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> None:
        assert (await client.post(f"{server.url}/q", content=pieces())).status_code == 200
        assert b"transfer-encoding: chunked" in server.heads[0].lower()

    serving([OK], use)


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kept connection counts as one that has been at rest."""
    monkeypatch.setattr(http1_connection, "REST", 0.0)


def test_a_connection_that_was_just_used_is_no_excuse() -> None:
    """A server that cuts busy connections fails, and what is repeated is counted as such."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        await client.get(server.url)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(server.url)
        return server.connections

    assert serving([OK, None, OK], use) == 1


@pytest.mark.usefixtures("rested")
def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """The request goes again on a new one, without anybody's notice."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        await client.get(server.url)
        assert (await client.get(server.url)).status_code == 200
        return server.connections

    assert serving([OK, None, OK], use) == 2


@pytest.mark.usefixtures("rested")
def test_a_request_that_may_not_be_repeated_is_not_sent_twice() -> None:
    """Whether the first one was carried out nobody knows."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        await client.get(server.url)
        with pytest.raises(httpx.ReadError):
            await client.post(server.url, content=b"x")
        return len(server.heads)

    assert serving([OK, None, OK], use) == 2


@pytest.mark.usefixtures("rested")
def test_a_new_connection_that_closes_is_an_error() -> None:
    """Once is enough."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        await client.get(server.url)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(server.url)
        return server.connections

    assert serving([OK, None, None, OK], use) == 2


def test_a_stream_can_be_left_early() -> None:
    """Its connection is not used again."""

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> int:
        async with client.stream("GET", server.url) as answer:
            assert answer.status_code == 200
        await client.get(server.url)
        return server.connections

    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nxxx"
    assert serving([endless, OK], use) == 2


def test_hooks_of_httpx_still_run() -> None:
    """The lean way is only for those who do not look."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(request.method)

    async def use(client: httpx.AsyncClient, server: ScriptedServer) -> None:
        client.event_hooks = {"request": [note]}
        async with client.stream("GET", server.url) as answer:
            await answer.aread()

    serving([OK], use)
    assert seen == ["GET"]


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx_stands_in_for_the_network(using: str) -> None:
    """In both of its modes, and nothing is connected to."""
    network = RecordingBackend()

    async def run() -> int:
        with respx.mock(using=using) as router:
            route = router.get("https://a.test/x").respond(418, json={"a": 1})
            async with client_over(network) as client:
                answer = await client.get("https://a.test/x")
                assert answer.json() == {"a": 1}
                async with client.stream("GET", "https://a.test/x") as streamed:
                    assert await streamed.aread() == answer.content
                assert route.call_count == 2
                return answer.status_code

    assert asyncio.run(run()) == 418
    assert network.connects == []


def test_the_network_is_back_when_respx_has_gone() -> None:
    """The same client goes on with its own engine."""
    network = RecordingBackend()

    async def run() -> None:
        async with client_over(network) as client:
            with respx.mock:
                respx.get("http://a.test/")
                await client.get("http://a.test/")
            with pytest.raises(httpx.ConnectError):
                await client.get("http://a.test/")

    asyncio.run(run())
    assert network.connects == [("127.0.0.1", 80)]


@pytest.mark.parametrize("headers", [{}, {"Upgrade": "websocket"}], ids=["ours", "stock"])
def test_the_guard_stands_before_both_engines(headers: dict[str, str]) -> None:
    """A name that leads to a private address is refused before a packet leaves."""
    network = RecordingBackend()
    resolver = FakeNameResolver({"a.test": [["10.0.0.1"]]})

    async def run() -> None:
        backend = PinnedBackend(resolver=resolver, guard=SsrfGuard(), backend=network)
        client = http_client(backend=backend, deadlines=Deadlines(), user_agent="x", concurrency=1)
        async with client:
            with pytest.raises(HostileError):
                await client.get("https://a.test/", headers=headers)

    asyncio.run(run())
    assert network.connects == []


def test_other_schemes_are_refused() -> None:
    """By httpx's own word for it."""

    async def run() -> None:
        async with client_over() as client:
            with pytest.raises(httpx.UnsupportedProtocol):
                await client.get("ftp://a.test/")

    asyncio.run(run())
