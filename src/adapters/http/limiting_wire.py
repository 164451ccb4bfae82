"""Holds back what an upstream should not be asked yet."""

from collections.abc import Awaitable

from adapters.http.fetch_counters import FetchCounters
from adapters.http.limits.host_lane import HostLane
from adapters.http.limits.rate_limiter import RateLimiter
from adapters.http.limits.slots import Slots
from adapters.http.limits.url_prefix import url_prefix
from adapters.http.origins import origin_of, shown
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.clock import Clock
from domain.errors import FetchError
from domain.quotas import Quota, parse_quotas, speaks_of_quota
from domain.rate_limits import RateLimit
from domain.requests import Trust
from domain.retrying import server_time

FOREIGN_SLOTS = 8
"""Requests in flight to one host that a URL in data named."""

SOURCE_PATIENCE = 3600.0
FOREIGN_PATIENCE = 30.0
"""The longest wait in seconds that one request takes upon itself for a limit."""

SOURCE_ENDURANCE = 600.0
FOREIGN_ENDURANCE = 120.0
"""Seconds of nothing but complaints after which a host is given up."""

_MOST_LANES = 1024
_NO_QUOTAS: tuple[Quota, ...] = ()


class LimitingWire(Wire):
    """At most `concurrency` requests in flight, and on each host no more than it bears.

    The source's own origin keeps to `source_slots` and `limiter`, and to what its answers say is
    left; other hosts get FOREIGN_SLOTS. Hosts that the operator opened to untrusted URLs are his
    own: they get the full concurrency. A host that throttles is left alone for as long as it
    asks, and then asked less at once; one that is down is left alone for ever longer, and given
    up in the end.

    Args:
        wire: sends what may go.
        clock: tells and spends the time.
        counters: told of waits and of hosts given up.
        guard: knows which hosts the operator opened.
        concurrency: most requests in flight.
        source_slots: most requests in flight to the source's own origin.
        limiter: keeps the source's stated limits.
        limits: those limits.

    Raises (besides what the inner wire raises):
        ThrottledError: a host asks for a longer wait than is reasonable; nothing was sent.
        UpstreamDownError: a host is given up for this run; nothing was sent.
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
        limiter: RateLimiter | None = None,
        limits: tuple[RateLimit, ...] = (),
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._counters = counters
        self._guard = guard
        self._concurrency = concurrency
        self._source_slots = source_slots
        self._limiter = limiter
        self._limits = limits
        self._overall = Slots(concurrency)
        self._lanes: dict[tuple[bool, str, int], HostLane] = {}
        self._of_source: dict[str, HostLane] = {}  # by what stands before the path
        self._of_others: dict[str, HostLane] = {}

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer, once the request's turn has come."""
        asked, url, _, _ = request
        is_source = asked.trust is Trust.SOURCE
        known = self._of_source if is_source else self._of_others
        prefix = url_prefix(url)
        lane = known.get(prefix) or self._lane(url, prefix, is_source=is_source)
        turn = lane.try_enter(asked.weight)
        if turn is None:
            turn = await self._waited(lane.enter(asked.weight))
        try:
            if not self._overall.try_take():
                await self._waited(self._overall.take())
            try:
                response = await self._wire.send(request)
            finally:
                self._overall.give_back()
            lane.answered(self._quotas(response) if is_source else _NO_QUOTAS)
        except FetchError as error:
            lane.failed(error, turn)
            raise
        finally:
            lane.leave(turn)
        return response

    async def _waited[T](self, turn: Awaitable[T]) -> T:
        self._counters.waiting += 1
        try:
            return await turn
        finally:
            self._counters.waiting -= 1

    def _quotas(self, response: WireResponse) -> list[Quota] | tuple[Quota, ...]:
        headers = response.headers
        if not any(speaks_of_quota(name) for name, _ in headers):
            return _NO_QUOTAS
        now = server_time(headers, self._clock.timestamp())
        return parse_quotas(headers, now, self._limits)

    def _lane(self, url: str, prefix: str, *, is_source: bool) -> HostLane:
        """The lane of a URL's host, from now on known by what stands before its path."""
        _, host, port = origin_of(url)
        key = (is_source, host, port)
        lane = self._lanes.get(key)
        if lane is None:
            self._make_room()
            lane = self._lanes[key] = self._new_lane(*key)
        known = self._of_source if is_source else self._of_others
        if len(known) >= _MOST_LANES:
            known.clear()
        known[prefix] = lane
        return lane

    def _make_room(self) -> None:
        """Forget lanes that hold nothing; at worst those that nobody uses at the moment."""
        if len(self._lanes) < _MOST_LANES:
            return
        self._of_source.clear()
        self._of_others.clear()
        kept = {key: each for key, each in self._lanes.items() if not each.idle}
        if len(kept) >= _MOST_LANES:
            kept = {key: each for key, each in kept.items() if not each.unused}
        self._lanes = kept

    def _new_lane(self, is_source: bool, host: str, port: int) -> HostLane:
        slots = self._source_slots if is_source else FOREIGN_SLOTS
        if self._guard.opened(host, port):
            slots = self._concurrency
        return HostLane(
            name=shown(host),
            slots=min(slots, self._concurrency),
            limiter=self._limiter if is_source else None,
            patience=SOURCE_PATIENCE if is_source else FOREIGN_PATIENCE,
            endurance=SOURCE_ENDURANCE if is_source else FOREIGN_ENDURANCE,
            clock=self._clock,
            counters=self._counters,
        )
