"""An answer of our engine, as httpx hands it on."""

from collections.abc import AsyncIterator

import httpx

from adapters.http.transport.connection import Exchange


class EngineResponse(httpx.Response):
    """Builds its `headers` only when somebody asks for them.

    Attributes:
        exchange: what the answer is read from.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._built: httpx.Headers | None = None
        super().__init__(
            exchange.status,
            stream=_ExchangeStream(exchange),
            extensions={"http_version": exchange.http_version},
        )

    @property
    def headers(self) -> httpx.Headers:
        """The fields, as any answer of httpx has them."""
        if self._built is None:
            self._built = httpx.Headers(self.exchange.headers)
        return self._built

    @headers.setter
    def headers(self, headers: httpx.Headers) -> None:
        """Passed over: httpx sets them while it builds an answer, here to none."""


class _ExchangeStream(httpx.AsyncByteStream):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._exchange.__aiter__()

    async def aclose(self) -> None:
        await self._exchange.aclose()
