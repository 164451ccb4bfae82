"""The sandbox as a bare ASGI application: no framework stands between a test and its bytes."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any

from entrypoints.sandbox.answers import NOT_MODIFIED, Answer, compressed, error_answer, json_answer
from entrypoints.sandbox.metadata_routes import MetadataRoutes
from entrypoints.sandbox.opensea_routes import OpenSeaRoutes
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.upstreams import Upstreams

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

STATS = "/sandbox/stats"
_SLOWER = 0.2  # seconds
_LONGEST_BODY = 1_000_000
_LIMIT = 6000  # of the header fields, where there is no real limit
_THROTTLED = frozenset((10, 20, 30, 40))


class SandboxApp:
    """Counts requests at `/sandbox/stats`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._opensea = OpenSeaRoutes(options)
        self._metadata = MetadataRoutes(options)
        self._upstreams = Upstreams(pairs=options.pairs)
        self._counts: Counter[str] = Counter()
        self._recent: deque[float] = deque()
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is left alone."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path == STATS:
            answer = json_answer(dict(self._counts))
        else:
            body = await _body(receive) if scope["method"] == "POST" else b""
            answer = await self._answer(scope, path, body)
        length = (b"content-length", str(len(answer.body)).encode())
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [*answer.headers, length]
                if answer.status != NOT_MODIFIED
                else answer.headers,
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, path: str, body: bytes) -> Answer:
        kind = path.split("/", 2)[1] if "/" in path else ""
        self._counts[kind] += 1
        self._requests += 1
        delay = self._options.latency_ms / 1000
        if kind == "metadata" and "slow" in self._options.faults:
            delay += _SLOWER
        if delay:
            await asyncio.sleep(delay)
        if "throttle" in self._options.faults and self._requests in _THROTTLED:
            answer = error_answer(429, "Request was throttled.", headers=[(b"retry-after", b"1")])
        else:
            answer = self._routed(scope, path, kind, body)
        self._counts[f"{answer.status}"] += 1
        return answer

    def _routed(self, scope: Scope, path: str, kind: str, body: bytes) -> Answer:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if kind in ("metadata", "ipfs"):
            return self._metadata.answer(path, headers)
        origin = f"{scope['scheme']}://{headers.get(b'host', b'').decode('ascii', 'replace')}"
        asked = scope["method"], path, scope["query_string"], headers, origin
        other = self._upstreams.answer(*asked)
        if other is not None:
            return compressed(other, headers)
        remaining = self._remaining()
        quota = [
            (b"x-ratelimit-limit", str(self._options.rate_limit or _LIMIT).encode()),
            (b"x-ratelimit-remaining", str(max(0, remaining)).encode()),
            (b"x-ratelimit-reset", str(int(time.time()) + 1).encode()),
        ]
        if remaining < 0:
            return error_answer(
                429, "Request was throttled.", headers=[*quota, (b"retry-after", b"1")]
            )
        answer = self._opensea.answer(*asked, body=body)
        return compressed(Answer(answer.status, answer.body, [*answer.headers, *quota]), headers)

    def _remaining(self) -> int:
        """API requests left in this second; negative when there are none."""
        if self._options.rate_limit is None:
            return _LIMIT - 1
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        self._recent.append(now)
        return self._options.rate_limit - len(self._recent)


async def _body(receive: Receive) -> bytes:
    """What a request sends along, up to _LONGEST_BODY bytes."""
    body = b""
    while len(body) < _LONGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body
