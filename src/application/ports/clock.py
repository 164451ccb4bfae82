"""The clock port."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can own it."""

    @abstractmethod
    def now(self) -> datetime:
        """The current time, aware, UTC."""

    def timestamp(self) -> float:
        """The same in seconds since 1970."""
        return self.now().timestamp()

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds that never jump."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait."""
