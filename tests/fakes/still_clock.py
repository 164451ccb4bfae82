"""A clock on which nobody's patience ever ends."""

import asyncio

from tests.fakes.fake_clock import FakeClock


class StillClock(FakeClock):
    """Sleeping lasts until the sleeper is cancelled, or somebody calls `wake`."""

    def __init__(self) -> None:
        super().__init__()
        self._woken = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._woken.wait()

    def wake(self) -> None:
        """All who sleep now, or will, have slept enough."""
        self._woken.set()
