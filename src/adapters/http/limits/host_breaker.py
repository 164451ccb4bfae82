"""One host's circuit breaker: state, logs, and those who wait for its probe."""

import asyncio

import structlog

from adapters.http.fetch_counters import FetchCounters
from application.ports.clock import Clock
from domain.circuit_breaker import Circuit, CircuitBreaker
from domain.errors import UpstreamDownError

_log = structlog.get_logger()


class HostBreaker:
    """Opens after failures in a row; then one probe at a time, ever less often, then none."""

    def __init__(self, host: str, clock: Clock, counters: FetchCounters) -> None:
        self._host = host
        self._clock = clock
        self._counters = counters
        self._state = CircuitBreaker()
        self._reason = ""
        self._probe_over: asyncio.Event | None = None

    @property
    def untroubled(self) -> bool:
        """Nothing speaks against the host."""
        return self._state.untroubled

    @property
    def closed(self) -> bool:
        """All requests may go."""
        return self._state.circuit is Circuit.CLOSED

    def check(self) -> None:
        """Refuse when the host is given up.

        Raises:
            UpstreamDownError: it is.
        """
        if self._state.circuit is Circuit.GIVEN_UP:
            message = f"{self._host} is given up: {self._reason}"
            raise UpstreamDownError(message)

    def delay(self) -> float:
        """Seconds until a probe may go; 0 while the circuit is not open."""
        return self._state.delay(self._clock.monotonic())

    async def wait_for_probe(self) -> bool:
        """Whether a probe was under way; returns when it is over."""
        if self._probe_over is None or self._state.circuit is not Circuit.HALF_OPEN:
            return False
        await self._probe_over.wait()
        return True

    def enter(self) -> bool:
        """A request goes; whether it is the probe."""
        if self._state.circuit is not Circuit.OPEN or self.delay() > 0:
            return False
        self._state = self._state.probing()
        self._probe_over = asyncio.Event()
        return True

    def leave(self, *, is_probe: bool) -> None:
        """A request is over; a probe that said nothing makes room for another."""
        if is_probe:
            self._state = self._state.abandoned()
            if self._probe_over is not None:
                self._probe_over.set()
                self._probe_over = None

    def answered(self) -> None:
        """The host answered."""
        before = self._state
        self._state = before.answered()
        if before.circuit in (Circuit.OPEN, Circuit.HALF_OPEN):
            _log.info("http.host_recovered", host=self._host)

    def failed(self, reason: str, strikes: int, *, is_probe: bool) -> None:
        """The host failed, by so many strikes."""
        before = self._state
        now = self._clock.monotonic()
        if is_probe and before.circuit is Circuit.HALF_OPEN:
            self._state = before.probe_failed(now)
        else:
            self._state = before.failed(now, strikes)
        if self._state.circuit is before.circuit:
            return
        self._reason = reason
        if self._state.circuit is Circuit.GIVEN_UP:
            self._report()
        else:
            pause = round(self.delay(), 1)
            _log.info("http.host_failing", host=self._host, reason=reason, pause=pause)

    def give_up(self, reason: str) -> None:
        """Ask the host no more."""
        if self._state.circuit is not Circuit.GIVEN_UP:
            self._state = self._state.given_up()
            self._reason = reason
            self._report()

    def _report(self) -> None:
        self._counters.given_up(self._host)
        _log.warning("http.host_given_up", host=self._host, reason=self._reason)
