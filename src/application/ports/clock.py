"""The clock port."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can own it."""

    @abstractmethod
    def now(self) -> datetime:
        """The current time, aware, UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds that never jump."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait."""
