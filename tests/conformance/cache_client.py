"""The private cache as a client for the public conformance suite (docs/http-cache.md).

Run by the suite's harness, not by pytest: it imports this file by its path and calls `client`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from adapters.cache.sqlite_response_cache import SqliteResponseCache  # noqa: E402 - needs the path
from adapters.http.private_cache import PrivateCache  # noqa: E402
from adapters.http.stored_answers import StoredAnswers  # noqa: E402
from adapters.http.wire import Wire, WireRequest, WireResponse  # noqa: E402
from adapters.system.system_clock import SystemClock  # noqa: E402
from application.ports.clock import Clock  # noqa: E402
from domain.errors import RetryableError  # noqa: E402
from domain.headers import Headers  # noqa: E402
from domain.requests import Request, Trust  # noqa: E402

type Fields = list[tuple[str, str]]


class RawWire(Wire):
    """Exchanges as they are: no judgement, no redirects, no cookies, bodies as sent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )

    async def send(self, request: WireRequest) -> WireResponse:
        asked = request.request
        fields = [*asked.headers, *request.headers]
        outgoing = self._client.build_request(
            asked.method, request.url, headers=fields, content=asked.content or None
        )
        for name in ("accept", "accept-encoding", "user-agent"):
            if name not in {field.lower() for field, _ in fields}:
                outgoing.headers.pop(name, None)
        requested_at = self._clock.now().timestamp()
        try:
            answer = await self._client.send(outgoing, stream=True)
            try:
                received_at = self._clock.now().timestamp()
                body = b"".join([piece async for piece in answer.aiter_raw()])
            finally:
                await answer.aclose()
        except httpx.TransportError as exc:
            message = "no whole answer"
            raise RetryableError(message, url=request.url) from exc
        headers = Headers((str(n, "latin-1"), str(v, "latin-1")) for n, v in answer.headers.raw)
        return WireResponse(
            answer.status_code, headers, body, requested_at, received_at, request.url
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class CacheClient:
    """What the harness drives."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="cache-conformance-")
        clock = SystemClock()
        self._wire = RawWire(clock)
        self._store = SqliteResponseCache(Path(self._folder.name), clock)
        answers = StoredAnswers(
            cache=self._store, source="suite", partition="", withheld=frozenset()
        )
        self._cache = PrivateCache(wire=self._wire, answers=answers, clock=clock, partition="")

    async def request(
        self, method: str, url: str, headers: Fields, content: bytes
    ) -> tuple[int, Fields, bytes]:
        """One request through the cache: status, fields and body as sent."""
        request = Request(
            kind="suite",
            url=url,
            trust=Trust.UNTRUSTED,
            method=method,
            content=content,
            accept="",
            headers=tuple(headers),
        )
        answer = await self._cache.send(WireRequest(request, url))
        return answer.status, list(answer.headers), answer.body

    async def aclose(self) -> None:
        """Write and close what is open."""
        await self._cache.aclose()
        await self._store.close()
        await self._wire.aclose()
        self._folder.cleanup()


async def client() -> CacheClient:
    """A client with an empty cache."""
    return CacheClient()
