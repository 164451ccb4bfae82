import asyncio

import httpx
import pytest

from adapters.http.transport.stock_transport import stock_transport
from tests.fakes.recording_backend import RecordingBackend


@pytest.mark.parametrize("url", ["http://a.test/", "https://a.test/"])
def test_every_connection_goes_through_the_backend_that_was_put_in(url: str) -> None:
    """If this fails, httpx keeps its backend elsewhere now and the SSRF guard is out."""
    network = RecordingBackend()

    async def run() -> None:
        async with httpx.AsyncClient(transport=stock_transport(network, 4)) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(url)

    asyncio.run(run())
    assert [host for host, _ in network.connects] == ["a.test"]


def test_a_transport_without_a_place_for_the_backend_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is sent without the guard."""

    class Elsewhere(httpx.AsyncHTTPTransport):
        def __init__(self, **_: object) -> None:
            self._pool = object()  # type: ignore[assignment]  # what a later httpx might hold

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Elsewhere)
    with pytest.raises(AttributeError, match="SSRF"):
        stock_transport(RecordingBackend(), 1)
