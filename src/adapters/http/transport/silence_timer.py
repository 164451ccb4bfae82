"""Notices that the other side has fallen silent."""

import asyncio
from collections.abc import Callable


class SilenceTimer:
    """One timer for many exchanges: when it goes off, it looks whether it is still wanted.

    Starting and stopping a timer of the loop for each piece of an answer would cost more than
    reading it.

    Args:
        on_expiry: called when the time has passed; it decides what that means.
    """

    def __init__(self, on_expiry: Callable[[], None]) -> None:
        self.seconds = 0.0
        self._on_expiry = on_expiry
        self._loop = asyncio.get_running_loop()
        self._expires = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """From now on, so many seconds of silence are too many."""
        self.seconds = seconds
        self._expires = self._loop.time() + seconds
        if self._handle is not None and self._handle.when() > self._expires:
            self._handle.cancel()
            self._handle = None
        if self._handle is None:
            self._handle = self._loop.call_at(self._expires, self._look)

    def heard(self) -> None:
        """Something came, or something else than silence holds matters up."""
        self._expires = self._loop.time() + self.seconds

    def stop(self) -> None:
        """Leave nothing behind."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        self._handle = None
        if self._loop.time() < self._expires:
            self._handle = self._loop.call_at(self._expires, self._look)
        else:
            self._on_expiry()
