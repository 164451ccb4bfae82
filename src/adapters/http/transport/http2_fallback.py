"""Which hosts are spoken to in HTTP/1.1 although they offer HTTP/2."""

import asyncio
from collections import deque

import structlog

from adapters.http.transport.route import Origin

FAILURES = 3
WITHIN = 600.0
"""So many connections that fail in so many seconds, and HTTP/2 is left for as long."""

_MOST = 1024
_log = structlog.get_logger()


class Http2Fallback:
    """Remembers how HTTP/2 fared at each origin, by the clock of the running loop."""

    def __init__(self) -> None:
        self._failures: dict[Origin, deque[float]] = {}
        self._left_until: dict[Origin, float] = {}

    def allows(self, origin: Origin) -> bool:
        """Whether HTTP/2 may be offered."""
        until = self._left_until.get(origin)
        if until is None:
            return True
        if asyncio.get_running_loop().time() < until:
            return False
        del self._left_until[origin]
        return True

    def failed(self, origin: Origin, reason: str, *, at_once: bool = False) -> None:
        """A connection of HTTP/2 failed; `at_once`: the host itself asks for HTTP/1.1."""
        now = asyncio.get_running_loop().time()
        if len(self._failures) >= _MOST:
            self._failures.clear()
        failures = self._failures.setdefault(origin, deque(maxlen=FAILURES))
        failures.append(now)
        if at_once or (len(failures) == FAILURES and failures[0] > now - WITHIN):
            if len(self._left_until) >= _MOST:
                self._left_until.clear()
            self._left_until[origin] = now + WITHIN
            del self._failures[origin]
            _log.info("http.http2_left", host=origin.host, reason=reason)
