"""The machine's clock."""

import asyncio
import time
from datetime import UTC, datetime

from application.ports.clock import Clock


class SystemClock(Clock):
    """Time as the operating system has it."""

    def now(self) -> datetime:
        """The current time, aware, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def timestamp(self) -> float:
        """The same in seconds since 1970, without a calendar's work."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
