"""The way to one host."""

import asyncio
import math
from collections.abc import Iterable
from typing import NamedTuple

import structlog

from adapters.http.fetch_counters import FetchCounters
from adapters.http.limits.host_breaker import HostBreaker
from adapters.http.limits.rate_limiter import RateLimiter
from adapters.http.limits.slots import Slots
from adapters.http.limits.strikes import strikes
from application.ports.clock import Clock
from domain.adaptive_concurrency import AdaptiveConcurrency
from domain.errors import FetchError, ThrottledError
from domain.quotas import Quota
from domain.time_spent import LIMITS, NETWORK

_LOOK_AGAIN = 1.0  # seconds; what others learn may end a wait early
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_WORTH_SAYING = 5.0
_MOST_QUOTAS = 16  # that one upstream may have names for
_SAME_PERIOD = 2.0  # seconds by which two answers may differ on when a period ends

_of = tuple.__new__
_log = structlog.get_logger()


class Turn(NamedTuple):
    """A request on its way; `begun` by the clock's monotonic seconds."""

    begun: float
    weight: int
    is_probe: bool = False


class HostLane:
    """Slots, pace, breaker, and pauses that the host asked for.

    Args:
        name: for logs and errors.
        slots: most requests in flight; the host may bear fewer, and is then given fewer.
        limiter: keeps stated limits; None where there are none.
        patience: the longest wait in seconds that a request takes upon itself.
        endurance: seconds of nothing but complaints after which the host is given up.
        clock: tells and spends the time.
        counters: told of waits, complaints and hosts given up.
    """

    def __init__(
        self,
        *,
        name: str,
        slots: int,
        limiter: RateLimiter | None,
        patience: float,
        endurance: float,
        clock: Clock,
        counters: FetchCounters,
    ) -> None:
        self._name = name
        self._concurrency = AdaptiveConcurrency.beginning(slots)
        self._slots = Slots(self._concurrency.slots)
        self._breaker = HostBreaker(name, clock, counters)
        self._limiter = limiter
        self._patience = patience
        self._endurance = endurance
        self._clock = clock
        self._counters = counters
        self._turns = asyncio.Lock()
        self._free = limiter is None  # nothing to wait for but a slot
        self._weight = 0  # in flight
        self._paused_until = 0.0
        self._pauses = 0
        self._complaints_since: float | None = None
        self._slower_since = -math.inf
        self._quotas: dict[str, tuple[int, float]] = {}

    @property
    def unused(self) -> bool:
        """Nobody is on the way or waits for it."""
        return self._slots.idle

    @property
    def idle(self) -> bool:
        """Unused, and forgetting it forgets nothing."""
        rested = self._paused_until <= self._clock.monotonic()
        return self.unused and rested and self._breaker.untroubled

    def try_enter(self, weight: int) -> Turn | None:
        """A turn, if there is nothing at all to wait for."""
        if self._free and self._slots.try_take():
            self._weight += weight
            now = self._clock.monotonic()
            self._counters.shared.change(NETWORK, 1, now)
            return _of(Turn, (now, weight, False))
        return None

    async def enter(self, weight: int) -> Turn:
        """Wait until a request may go, and count it as gone.

        Raises:
            ThrottledError: the wait would be longer than the lane's patience.
            UpstreamDownError: the host is given up.
        """
        self._breaker.check()
        await self._slots.take()
        try:
            begun = self._clock.monotonic()
            with self._counters.shared.counted(LIMITS, 1, self._clock.monotonic):
                async with self._turns:
                    await self._wait(weight)
                    now = self._clock.monotonic()
                    turn = Turn(now, weight, is_probe=self._breaker.enter())
                    self._rest()
        except BaseException:
            self._slots.give_back()
            raise
        self._weight += weight
        self._counters.waited_for(self._name, now - begun)
        self._counters.shared.change(NETWORK, 1, now)
        return turn

    def leave(self, turn: Turn) -> None:
        """A request that had its turn is over."""
        now = self._clock.monotonic()
        self._counters.asked(self._name, now - turn.begun)
        self._counters.shared.change(NETWORK, -1, now)
        self._weight -= turn.weight
        if turn.is_probe:
            self._breaker.leave(is_probe=True)
        self._slots.give_back()

    def answered(self, quotas: Iterable[Quota] = ()) -> None:
        """The host answered, and says perhaps how much may still be asked."""
        self._pauses = 0
        self._complaints_since = None
        grown = self._concurrency.answered()
        if grown is not self._concurrency:
            self._concurrency = grown
            self._slots.resize(grown.slots)
        if not self._breaker.untroubled:
            self._breaker.answered()
        for quota in quotas:
            self._learn(quota)

    def failed(self, error: FetchError, turn: Turn) -> None:
        """A request failed; what that says about the host is learned."""
        if isinstance(error, ThrottledError):
            self._throttled(error, turn)
        weight = strikes(error)
        if weight:
            self._breaker.failed(error.reason, weight, is_probe=turn.is_probe)
            self._free = self._free and self._breaker.closed
        elif weight == 0:
            self._breaker.answered()

    def _throttled(self, error: ThrottledError, turn: Turn) -> None:
        """The host wants fewer requests: all pause, for as long as it says or ever longer."""
        now = self._clock.monotonic()
        self._free = False
        self._counters.throttled += 1
        is_news = turn.begun > self._slower_since  # else sent before it was known: the same one
        if is_news:
            self._slower_since = now
            self._concurrency = self._concurrency.throttled()
            self._slots.resize(self._concurrency.slots)
        if self._complaints_since is None:
            self._complaints_since = turn.begun
        elif is_news and now - self._complaints_since > self._endurance:
            self._breaker.give_up(f"it only ever asks for fewer requests ({error.reason})")
        retry_after = error.retry_after
        if retry_after is None:
            if not is_news:
                return
            retry_after = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._pauses, 32))
            self._pauses += 1
        self._paused_until = max(self._paused_until, now + retry_after)

    def _learn(self, quota: Quota) -> None:
        resets_at = self._clock.monotonic() + quota.reset_after
        remaining = quota.remaining
        known = self._quotas.get(quota.name)
        if known is not None and abs(known[1] - resets_at) <= _SAME_PERIOD:
            remaining, resets_at = min(remaining, known[0]), max(resets_at, known[1])
        elif len(self._quotas) >= _MOST_QUOTAS:
            self._quotas.clear()
        self._quotas[quota.name] = (remaining, resets_at)
        self._free = False

    def _rest(self) -> None:
        """Find out whether there is anything left to wait for."""
        self._free = (
            self._limiter is None
            and not self._quotas
            and self._breaker.closed
            and self._paused_until <= self._clock.monotonic()
        )

    async def _wait(self, weight: int) -> None:
        told = False
        while True:
            self._breaker.check()
            delay, certain = self._delay(weight), self._delay(weight, sure=True)
            if delay <= 0:
                if await self._breaker.wait_for_probe():
                    continue
                delay = certain = await self._limiter.admit(weight) if self._limiter else 0.0
                if delay <= 0:
                    return
            if certain > self._patience:
                message = f"{self._name} is limited for another {certain:.0f} s"
                raise ThrottledError(message, retry_after=certain)
            if certain > _WORTH_SAYING and not told:
                told = True
                _log.info("http.limit_reached", host=self._name, wait=round(certain, 1))
            await self._clock.sleep(min(delay, _LOOK_AGAIN))

    def _delay(self, weight: int, *, sure: bool = False) -> float:
        """Seconds to wait; with `sure`, only what no answer under way can shorten."""
        now = self._clock.monotonic()
        delay = max(self._paused_until - now, self._breaker.delay())
        under_way = 0 if sure else self._weight
        for remaining, resets_at in self._quotas.values():
            if remaining - under_way < weight:
                delay = max(delay, resets_at - now)
        return max(0.0, delay)
