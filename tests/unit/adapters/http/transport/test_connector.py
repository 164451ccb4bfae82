import asyncio
import socket

import httpx
import pytest

from adapters.http.pinned_backend import PinnedBackend
from adapters.http.transport.connector import Connector
from adapters.http.transport.network import SystemNetwork
from adapters.http.transport.route import Origin
from adapters.http.transport.tls_contexts import TlsContexts
from domain.errors import HostileError, PermanentError, RetryableError
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.fakes.recording_backend import RecordingBackend
from tests.support.scripted_server import scripted_server


def connect(
    host: str, addresses: list[str], network: SystemNetwork, port: int = 80, seconds: float = 1.0
) -> None:
    backend = PinnedBackend(
        resolver=FakeNameResolver({host: [addresses]}), guard=None, backend=network
    )

    async def run() -> None:
        connector = Connector(backend, TlsContexts())
        connection = await connector.connect(
            Origin("http", host, port), seconds=seconds, on_change=lambda _: None
        )
        assert connection.available
        await connection.aclose()

    asyncio.run(run())


def test_f027_at_most_four_addresses_are_tried() -> None:
    """A name with a hundred of them costs no more."""
    network = RecordingBackend()
    addresses = [f"192.0.2.{number}" for number in range(100)]
    with pytest.raises(httpx.ConnectError):
        connect("a.test", addresses, network)
    assert network.connects == [(address, 80) for address in addresses[:4]]


def test_a_name_without_addresses_may_be_tried_again() -> None:
    """It may have some later."""
    with pytest.raises(RetryableError, match="no address"):
        connect("a.test", [], RecordingBackend())


def test_f001_the_next_address_is_tried_when_one_refuses() -> None:
    """The first that answers is taken."""

    async def run() -> int:
        async with scripted_server([]) as server:
            port = int(server.url.rpartition(":")[2])
            backend = PinnedBackend(
                resolver=FakeNameResolver({"a.test": [["::1", "127.0.0.1"]]}),
                guard=None,
            )
            connection = await Connector(backend, TlsContexts()).connect(
                Origin("http", "a.test", port), seconds=5.0, on_change=lambda _: None
            )
            await connection.aclose()
            return server.connections

    assert asyncio.run(run()) in {0, 1}  # the server may see the end before the beginning


def test_f001_an_address_that_does_not_answer_costs_its_share_of_the_time() -> None:
    """Each of the addresses left gets as much as the others."""
    shares: list[float] = []

    class Silent(RecordingBackend):
        async def open_socket(
            self, address: str, port: int, seconds: float | None
        ) -> socket.socket:
            assert seconds is not None
            shares.append(seconds)
            await asyncio.sleep(seconds)
            raise httpx.ConnectTimeout(address)

    with pytest.raises(httpx.ConnectTimeout):
        connect("a.test", ["192.0.2.1", "192.0.2.2"], Silent(), seconds=0.04)
    assert shares == [pytest.approx(0.02, abs=0.01), pytest.approx(0.02, abs=0.02)]


def test_an_address_is_never_looked_up() -> None:
    """What is no number is refused without a packet."""

    async def run() -> None:
        with pytest.raises(httpx.ConnectError):
            await SystemNetwork().open_socket("localhost", 80, 1.0)

    asyncio.run(run())


def test_a_connect_that_is_cancelled_closes_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left open."""
    made: list[socket.socket] = []

    class Watched(socket.socket):
        def __init__(self, *arguments: int) -> None:
            super().__init__(*arguments)
            made.append(self)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        never = loop.create_future()

        async def hang(*_: object) -> None:
            await never

        monkeypatch.setattr(loop, "sock_connect", hang)
        monkeypatch.setattr(socket, "socket", Watched)
        opening = asyncio.create_task(SystemNetwork().open_socket("192.0.2.1", 80, 60.0))
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait((opening,))

    asyncio.run(run())
    assert [each.fileno() for each in made if each.family == socket.AF_INET] == [-1]


def test_unix_sockets_are_refused() -> None:
    """No URL leads to a socket of this machine."""
    backend = PinnedBackend(resolver=FakeNameResolver({}), guard=None)
    with pytest.raises(HostileError):
        asyncio.run(backend.connect_unix_socket("/var/run/docker.sock"))


def test_f027_an_unknown_name_stays_unknown() -> None:
    """The resolver's word goes through the engine."""
    with pytest.raises(PermanentError):
        asyncio.run(
            PinnedBackend(resolver=FakeNameResolver({}), guard=None).open_socket("b.test", 80, 1.0)
        )
