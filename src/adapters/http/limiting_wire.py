"""Holds back what an upstream should not be asked yet."""

import asyncio
from collections.abc import Sequence

from adapters.http.fetch_counters import FetchCounters
from adapters.http.host_lane import HostLane
from adapters.http.origins import origin_of
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.clock import Clock
from domain.errors import ThrottledError
from domain.rate_limits import RateLimit, parse_quota
from domain.requests import Trust
from domain.retrying import server_time

FOREIGN_SLOTS = 8
"""Requests in flight to one host that a URL in data named."""

SOURCE_PATIENCE = 3600.0
FOREIGN_PATIENCE = 30.0
"""The longest wait in seconds that one request takes upon itself for a limit."""

_MOST_LANES = 1024


class LimitingWire(Wire):
    """At most `concurrency` requests in flight, and on each host no more than it bears.

    The source's own origin keeps to `source_slots` and `limits`, and to what its answers say is
    left (`X-RateLimit-*`); other hosts get FOREIGN_SLOTS. Hosts that the operator opened to
    untrusted URLs are his own: they get the full concurrency. A host that throttles is left alone
    for as long as it asks.

    Raises (besides what the inner wire raises):
        ThrottledError: a host asks for a longer wait than is reasonable; nothing was sent.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        clock: Clock,
        counters: FetchCounters,
        guard: SsrfGuard,
        concurrency: int,
        source_slots: int,
        limits: Sequence[RateLimit],
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._counters = counters
        self._guard = guard
        self._concurrency = concurrency
        self._source_slots = source_slots
        self._limits = limits
        self._overall = asyncio.Semaphore(concurrency)
        self._lanes: dict[tuple[Trust, str, int], HostLane] = {}

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, once the request's turn has come."""
        lane = self._lane(request)
        async with lane.slots:
            self._counters.waited += await lane.take_turn()
            try:
                async with self._overall:
                    response = await self._wire.send(request)
            except ThrottledError as error:
                lane.throttled(error.retry_after)
                raise
            finally:
                lane.done()
            now = self._clock.now().timestamp()
            is_source = request.request.trust is Trust.SOURCE
            headers = response.headers
            quota = parse_quota(headers, server_time(headers, now)) if is_source else None
            lane.answered(quota)
            return response

    def _lane(self, request: WireRequest) -> HostLane:
        trust = request.request.trust
        _, host, port = origin_of(request.url)
        lane = self._lanes.get((trust, host, port))
        if lane is None:
            if len(self._lanes) >= _MOST_LANES:
                self._lanes = {key: each for key, each in self._lanes.items() if not each.idle}
            lane = self._lanes[trust, host, port] = self._new_lane(trust, host, port)
        return lane

    def _new_lane(self, trust: Trust, host: str, port: int) -> HostLane:
        is_source = trust is Trust.SOURCE
        slots = self._source_slots if is_source else FOREIGN_SLOTS
        if self._guard.opened(host, port):
            slots = self._concurrency
        return HostLane(
            name=host,
            slots=min(slots, self._concurrency),
            limits=self._limits if is_source else (),
            patience=SOURCE_PATIENCE if is_source else FOREIGN_PATIENCE,
            clock=self._clock,
        )
