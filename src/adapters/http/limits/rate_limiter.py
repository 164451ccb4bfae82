"""The seam to whoever counts what was sent."""

from abc import abstractmethod
from typing import Protocol


class RateLimiter(Protocol):
    """Keeps stated limits over everything that is sent to one upstream."""

    @abstractmethod
    async def admit(self, weight: int) -> float:
        """0.0: the request may go and is counted. Else seconds until it is worth asking again.

        A request that weighs more than a limit allows waits for a window without any other.
        """
