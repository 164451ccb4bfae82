"""Keeps a failing store from being asked again and again."""

import structlog

from application.ports.clock import Clock

_FAILURES = 3
_PAUSE = 30.0
_LONGEST_PAUSE = 600.0
_log = structlog.get_logger()


class StoreBreaker:
    """Off after 3 failures in a row; then one caller at a time tries, ever less often.

    A whole outage is one warning: the pauses grow from 30 s to 10 min, so that a store that hangs
    costs a long run next to nothing.
    """

    def __init__(self, store: str, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._failures = 0
        self._pause = _PAUSE
        self._off_until: float | None = None
        self._trying = False
        self._warned = False

    @property
    def is_off(self) -> bool:
        """The store has failed and nobody has found it well again since."""
        return self._off_until is not None

    def allows(self) -> bool:
        """The store may be asked now; after a pause this lets one caller through."""
        if self._off_until is None:
            return True
        if self._trying or self._clock.monotonic() < self._off_until:
            return False
        self._trying = True
        return True

    def failed(self, error: Exception) -> None:
        """The store did not do what it was asked."""
        self._failures += 1
        self._report(error)
        if self._off_until is None and self._failures == _FAILURES:
            self._switch_off()
        elif self._trying:
            self._trying = False
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            self._switch_off()

    def succeeded(self) -> None:
        """The store answered."""
        if self._off_until is not None:
            _log.info("cache.store_recovered", store=self._store)
            self._off_until = None
            self._warned = self._trying = False
            self._pause = _PAUSE
        self._failures = 0

    def abandoned(self) -> None:
        """The caller was cancelled before the store could answer."""
        self._trying = False

    def _switch_off(self) -> None:
        self._off_until = self._clock.monotonic() + self._pause

    def _report(self, error: Exception) -> None:
        log = _log.debug if self._warned else _log.warning
        self._warned = True
        log("cache.store_failed", store=self._store, reason=type(error).__name__)
