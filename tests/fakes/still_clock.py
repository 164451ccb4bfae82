"""A clock on which nobody's patience ever ends."""

import asyncio
from datetime import UTC, datetime

from tests.fakes.fake_clock import FakeClock


class StillClock(FakeClock):
    """Sleeping lasts until the sleeper is cancelled, or somebody calls `wake`."""

    def __init__(self, now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) -> None:
        super().__init__(now)
        self._woken = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._woken.wait()

    def wake(self) -> None:
        """All who sleep now, or will, have slept enough."""
        self._woken.set()
