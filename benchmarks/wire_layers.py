"""What each HTTP layer below the cache costs a request, in microseconds of CPU.

`PYTHONPATH=src python benchmarks/wire_layers.py`; the answers come from memory.
"""

import asyncio
import time

from adapters.http.fetch_counters import FetchCounters
from adapters.http.judging_wire import JudgingWire
from adapters.http.limiting_wire import LimitingWire
from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.retrying_wire import RetryingWire
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import Wire, WireRequest, WireResponse
from adapters.system.system_clock import SystemClock
from domain.headers import Headers
from domain.rate_limits import RateLimit
from domain.requests import Request, Trust
from domain.stated_limits import stated_limit

REQUESTS = 100_000
RUNS = 3
FIELDS = (
    ("date", "Sun, 22 Nov 2026 22:30:15 GMT"),
    ("content-type", "application/json"),
    ("content-length", "1209"),
    ("etag", '"abc"'),
    ("cache-control", "max-age=60"),
    ("server", "upstream"),
    ("connection", "keep-alive"),
    ("vary", "accept"),
)
QUOTA = (
    ("x-ratelimit-limit", "1000000"),
    ("x-ratelimit-remaining", "999999"),
    ("x-ratelimit-reset", "60"),
)


class Memory(Wire):
    """Always the same answer."""

    def __init__(self, *further: tuple[str, str]) -> None:
        body = b'{"name": "' + b"x" * 1200 + b'"}'
        self._answer = WireResponse(200, Headers((*FIELDS, *further)), body, 0.0, 0.0, "")

    async def send(self, request: WireRequest) -> WireResponse:  # noqa: ARG002 - whatever is asked
        """Nothing goes anywhere."""
        return self._answer


async def cost(wire: Wire, trust: Trust) -> float:
    """Microseconds a request, the best of a few runs."""
    asked = Request(kind="x", url="", trust=trust)
    requests = [WireRequest(asked, f"https://api.test/item/{n}") for n in range(REQUESTS)]
    seconds = []
    for _ in range(RUNS):
        begun = time.process_time()
        for request in requests:
            await wire.send(request)
        seconds.append(time.process_time() - begun)
    return min(seconds) / REQUESTS * 1e6


def limiting(wire: Wire, *limits: RateLimit) -> LimitingWire:
    clock = SystemClock()
    return LimitingWire(
        wire=wire,
        clock=clock,
        counters=FetchCounters(),
        guard=SsrfGuard(()),
        concurrency=64,
        source_slots=64,
        limiter=MemoryRateLimiter(limits, clock) if limits else None,
    )


def judging(wire: Wire) -> JudgingWire:
    return JudgingWire(wire=wire, throttled_statuses=frozenset(), limited=stated_limit)


def layers() -> dict[str, Wire]:
    redirecting = RedirectingWire(wire=limiting(judging(Memory())), total=30.0)
    return {
        "judging": judging(Memory()),
        "limiting": limiting(Memory()),
        "limiting, a limit stated": limiting(Memory(), RateLimit(10_000_000, 60.0)),
        "limiting, quota in the answers": limiting(Memory(*QUOTA)),
        "redirecting": RedirectingWire(wire=Memory(), total=30.0),
        "retrying": RetryingWire(wire=Memory(), counters=FetchCounters()),
        "all four": RetryingWire(wire=redirecting, counters=FetchCounters()),
    }


async def main() -> None:
    nothing = await cost(Memory(), Trust.SOURCE)
    print(f"{'layer':<32}{'source':>10}{'untrusted':>12}")
    for name, wire in layers().items():
        own, foreign = [await cost(wire, trust) - nothing for trust in Trust]
        print(f"{name:<32}{own:>8.2f} µs{foreign:>9.2f} µs")


if __name__ == "__main__":
    asyncio.run(main())
