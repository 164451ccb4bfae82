"""What every clock keeps to."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.clock import Clock


class ClockContract:
    """Subclasses give `clock`."""

    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError

    def test_now_is_utc(self, clock: Clock) -> None:
        """Aware, without an offset."""
        assert clock.now().utcoffset() == timedelta(0)

    def test_time_never_goes_back(self, clock: Clock) -> None:
        """A wait moves both sides forward, or leaves them where they are."""
        before, begun = clock.now(), clock.monotonic()
        asyncio.run(clock.sleep(0.001))

        assert clock.monotonic() >= begun
        assert clock.now() >= before
