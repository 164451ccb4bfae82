"""What one host is spared."""

import asyncio
from collections.abc import Sequence

import structlog

from adapters.http.rate_pacer import RatePacer
from application.ports.clock import Clock
from domain.errors import ThrottledError
from domain.rate_limits import Quota, RateLimit

_LOOK_AGAIN = 1.0  # seconds; what others learn may end a wait early
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_WORTH_SAYING = 5.0

_log = structlog.get_logger()


class HostLane:
    """The way to one host: slots, pace, and pauses that the host asked for.

    Args:
        name: for logs and errors.
        slots: most requests in flight.
        limits: at most so many requests in so long.
        patience: the longest wait in seconds that a request takes upon itself.
        clock: tells and spends the time.
    """

    def __init__(
        self,
        *,
        name: str,
        slots: int,
        limits: Sequence[RateLimit],
        patience: float,
        clock: Clock,
    ) -> None:
        self.slots = asyncio.Semaphore(slots)
        self._name = name
        self._pacer = RatePacer(limits)
        self._patience = patience
        self._clock = clock
        self._turns = asyncio.Lock()
        self._in_flight = 0
        self._paused_until = 0.0
        self._pauses = 0
        self._remaining: int | None = None
        self._resets_at = 0.0

    @property
    def idle(self) -> bool:
        """Nobody uses or awaits it, and forgetting it forgets nothing."""
        free = self._in_flight == 0 and not self.slots.locked() and not self._turns.locked()
        return free and self._paused_until <= self._clock.monotonic()

    async def take_turn(self) -> float:
        """Wait until a request may go, and count it as gone; seconds waited.

        Raises:
            ThrottledError: the wait would be longer than the lane's patience.
        """
        begun = self._clock.monotonic()
        if self._turns.locked() or self._delay() > 0:
            async with self._turns:
                await self._wait()
        now = self._clock.monotonic()
        self._pacer.record(now)
        self._in_flight += 1
        return now - begun

    def done(self) -> None:
        """A request that took its turn is over."""
        self._in_flight -= 1

    def answered(self, quota: Quota | None) -> None:
        """The host answered, and says perhaps how many requests are left."""
        self._pauses = 0
        if quota is not None and quota.remaining is not None and quota.reset_after is not None:
            self._remaining = quota.remaining
            self._resets_at = self._clock.monotonic() + quota.reset_after

    def throttled(self, retry_after: float | None) -> None:
        """The host wants fewer requests: all pause, for as long as it says or ever longer."""
        now = self._clock.monotonic()
        if retry_after is None:
            if now < self._paused_until:
                return  # sent before the pause began: the same complaint
            retry_after = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._pauses, 32))
            self._pauses += 1
        self._paused_until = max(self._paused_until, now + retry_after)

    async def _wait(self) -> None:
        told = False
        while (delay := self._delay()) > 0:
            certain = self._delay(sure=True)
            if certain > self._patience:
                message = f"{self._name} is limited for another {certain:.0f} s"
                raise ThrottledError(message, retry_after=certain)
            if certain > _WORTH_SAYING and not told:
                told = True
                _log.info("http.limit_reached", host=self._name, wait=round(certain, 1))
            await self._clock.sleep(min(delay, _LOOK_AGAIN))

    def _delay(self, *, sure: bool = False) -> float:
        """Seconds to wait; with `sure`, only what no answer under way can shorten."""
        now = self._clock.monotonic()
        delay = max(self._paused_until - now, self._pacer.delay(now))
        under_way = 0 if sure else self._in_flight
        if self._remaining is not None and self._remaining <= under_way:
            delay = max(delay, self._resets_at - now)
        return max(0.0, delay)
