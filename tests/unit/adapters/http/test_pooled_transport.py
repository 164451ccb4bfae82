import asyncio

import httpx
import pytest

from adapters.http.pooled_transport import PooledTransport
from tests.fakes.recording_backend import RecordingBackend


def connects(urls: list[str], pools: int = 4) -> tuple[list[tuple[str, int]], PooledTransport]:
    network = RecordingBackend()
    transport = PooledTransport(backend=network, pools=pools)

    async def run() -> None:
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            for url in urls:
                with pytest.raises(httpx.ConnectError):
                    await client.get(url)

    asyncio.run(run())
    return network.connects, transport


@pytest.mark.parametrize("url", ["http://a.test/", "https://a.test/"])
def test_every_connection_goes_through_the_backend_that_was_put_in(url: str) -> None:
    """If this fails, httpx keeps its backend elsewhere now and the SSRF guard is out."""
    made, _ = connects([url] * 8)
    assert [host for host, _ in made] == ["a.test"] * 8


def test_a_transport_without_a_place_for_the_backend_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is sent without the guard."""

    class Elsewhere(httpx.AsyncHTTPTransport):
        def __init__(self, **_: object) -> None:
            self._pool = object()  # type: ignore[assignment]  # what a later httpx might hold

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Elsewhere)
    with pytest.raises(AttributeError, match="SSRF"):
        PooledTransport(backend=RecordingBackend(), pools=1)
