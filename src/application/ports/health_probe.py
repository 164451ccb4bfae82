"""The health probe port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.health import Finding


class HealthProbe(Protocol):
    """Looks at one part of the installation and says how it is; never raises."""

    @abstractmethod
    async def probe(self) -> Sequence[Finding]:
        """What was found, good or bad; within a few seconds, without side effects."""
