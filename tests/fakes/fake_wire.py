"""A wire that answers from a script."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from adapters.http.statuses import status_error
from adapters.http.wire import Wire, WireRequest, WireResponse
from domain.errors import FetchError
from domain.headers import Headers

type Answer = WireResponse | Exception
type Script = Callable[[WireRequest], Answer]


def wire_response(
    status: int = 200,
    body: bytes = b"{}",
    *,
    at: float = 0.0,
    url: str = "",
    headers: Sequence[tuple[str, str]] = (),
) -> WireResponse:
    """An answer that was asked for and received at one moment."""
    return WireResponse(status, Headers(headers), body, at, at, url)


class FakeWire(Wire):
    """Answers by a function, or the scripted answers in turn (the last one again and again).

    `sent` holds all requests; `most_in_flight` the largest number at once, `most_by_host` the
    same for each host. While `gate` is closed, requests wait.
    """

    def __init__(self, *answers: Answer, script: Script | None = None) -> None:
        self._answers = list(answers)
        self._script = script
        self.sent: list[WireRequest] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.by_host: Counter[str] = Counter()
        self.most_by_host: dict[str, int] = {}
        self.cancelled = 0
        self.gate: asyncio.Event | None = None

    async def send(self, request: WireRequest) -> WireResponse:
        self.sent.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        host = request.url.partition("://")[2].partition("/")[0]
        self.by_host[host] += 1
        self.most_by_host[host] = max(self.most_by_host.get(host, 0), self.by_host[host])
        try:
            await asyncio.sleep(0)
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_flight -= 1
            self.by_host[host] -= 1
        answer = self._next(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _next(self, request: WireRequest) -> Answer:
        if self._script is not None:
            return self._script(request)
        if not self._answers:
            return FetchError("nothing was scripted", url=request.url)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def answer_or_error(status: int, body: bytes, headers: dict[str, str]) -> Answer:
    """What an HttpxWire would make of an upstream's answer."""
    fields = Headers(headers.items())
    error = status_error(status, fields, throttled=frozenset(), now=0.0, url="")
    return error or wire_response(status, body, headers=list(headers.items()))
